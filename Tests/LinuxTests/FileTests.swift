import Linux
import TestSupport
import Testing

struct FileTests {
    @Test func readsRegularFilesWhole() throws {
        let directory = try TemporaryDirectory()
        for size in [0, 1, 4_000, 4_095, 4_096, 4_097, 1_000_000] {
            let octets = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let path = try directory.write("file", octets)
            #expect(try File.read(path, limit: 1_000_000).octets == octets)
        }
    }

    @Test func readsFilesThatDoNotTellTheirSize() throws {
        let octets = try File.read("/proc/self/maps", limit: 1 << 20).octets
        #expect(!octets.isEmpty)
    }

    @Test func refusesWhatIsNoRegularFile() throws {
        let directory = try TemporaryDirectory()
        try directory.run("mkfifo fifo; ln -s a b; ln -s b a; ln -s fifo link; mkdir directory")
        func error(_ path: String) -> String {
            do throws(SystemError) {
                _ = try File.read(path, limit: 100)
                return "read"
            } catch {
                return error.message
            }
        }
        #expect(error("\(directory.path)/fifo") == "Is a FIFO, not a regular file")
        #expect(error("\(directory.path)/link") == "Is a FIFO, not a regular file")
        #expect(error("\(directory.path)/directory") == "Is a directory")
        #expect(error("\(directory.path)/a") == "Too many levels of symbolic links")
        #expect(error("\(directory.path)/none") == "No such file or directory")
        #expect(error("/dev/zero") == "Is a device, not a regular file")
        _ = try directory.write("large", [UInt8](repeating: 0, count: 101))
        #expect(error("\(directory.path)/large") == "File too large (101 octets; limit 100)")
    }

    @Test func tellsNamesAndKinds() throws {
        let directory = try TemporaryDirectory()
        try directory.run("mkdir b; touch a.zone .c; ln -s a.zone d; mkfifo e")
        #expect(try File.names(in: directory.path) == [".c", "a.zone", "b", "d", "e"])
        #expect(try File.kind("\(directory.path)/b") == .directory)
        #expect(try File.kind("\(directory.path)/d") == .regular)
        #expect(try File.kind("\(directory.path)/e") == .other)
        #expect(throws: SystemError.self) { try File.names(in: "\(directory.path)/a.zone") }
        #expect(throws: SystemError.self) { try File.kind("\(directory.path)/none") }
    }

    @Test func statusFollowsTheContent() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("file", [1, 2])
        let status = try File.status(path)
        #expect(try File.read(path, limit: 10).status == status)
        _ = try directory.write("other", [1, 2])
        try directory.run("mv other file")
        #expect(try File.status(path) != status)
    }
}
