import Linux
import TestSupport
import Testing

struct PathTests {
    @Test func stepsAreWhatAPathDependsOn() throws {
        let directory = try TemporaryDirectory()
        try directory.run(
            "mkdir a b; touch a/file; ln -s a now; ln -s \(directory.path)/now/file b/link; ln -s loop loop")
        func steps(_ path: String) -> [String] {
            File.steps(of: "\(directory.path)/\(path)").map { step in
                "\(step.directory)/\(step.name)".replacing(directory.path + "/", with: "")
            }
        }
        #expect(steps("a/file") == ["a/file"])
        #expect(steps("now/file") == ["now", "a/file"])
        #expect(steps("b/link") == ["b/link", "now", "a/file"])
        #expect(steps("a/../now/file") == ["now", "a/file"].map { $0 == "now" ? "a/../now" : "a/../a/file" })
        // Nothing behind what is missing matters.
        #expect(steps("a/none/file") == ["a/none"])
        #expect(steps("loop/x").count == 41)
        #expect(File.steps(of: "x/y") == [PathStep(directory: ".", name: "x")])
    }

    @Test func replacingLeavesOneWholeFile() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/deep/er/file"
        try File.makeDirectory("\(directory.path)/deep/er")
        try File.makeDirectory("\(directory.path)/deep/er")
        for text in ["first", "second and longer", ""] {
            try File.replace(path, with: Array(text.utf8))
            #expect(try File.read(path, limit: 100).octets == Array(text.utf8))
        }
        try directory.run("mkdir deep/er/file.new")
        #expect(throws: SystemError.self) { try File.replace(path, with: [1]) }
        #expect(try File.read(path, limit: 100).octets.isEmpty)
        #expect(File.parent(of: "/a/b") == "/a" && File.parent(of: "/a") == "/" && File.parent(of: "a") == ".")
    }

    @Test func directoriesTellWhatHappensInThem() throws {
        let directory = try TemporaryDirectory()
        let watch = try DirectoryWatch()
        let number = try watch.add(directory.path, contents: true)
        #expect(try watch.add(directory.path + "/.", contents: false) == number)
        try directory.run("echo text > a; mv a b; rm b")
        var events: [DirectoryEvent] = []
        while true {
            let more = watch.events()
            if more.isEmpty { break }
            events += more
        }
        #expect(events.allSatisfy { $0.watch == number })
        #expect(events.map(\.name) == ["a", "a", "a", "a", "b", "b"])
        let kinds: [DirectoryEvent.Kind] = [.appeared, .written, .closed, .disappeared, .appeared, .disappeared]
        #expect(zip(events, kinds).allSatisfy { !$0.kind.isDisjoint(with: $1) })
        #expect(throws: SystemError.self) { try watch.add(directory.path + "/none", contents: true) }
    }
}
