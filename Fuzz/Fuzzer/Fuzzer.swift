import Foundation

@testable import DNS

/// What libFuzzer calls with each input. `FUZZ_TARGET` says which target gets it.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Sound: libFuzzer owns so many octets during the call, and the array copies them.
    let octets = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
    do {
        try chosen.run(octets)
    } catch {
        fatalError("\(chosen.name): \(error)")
    }
    return 0
}

private let chosen = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    let all = FuzzTarget.all + [.answers, .checks, .planted]
    guard let target = all.first(where: { $0.name == name }) else {
        fatalError("FUZZ_TARGET must be one of \(all.map(\.name).joined(separator: ", "))")
    }
    return target
}()

extension FuzzTarget {
    /// Decisions of the generator of zones and questions: the answers are those that the RFCs' lookup gives, written as
    /// plainly as they say it. Tests/Specification replays its corpus.
    static let answers = FuzzTarget(name: "answers") { octets in
        guard let difference = try Trial.difference(octets: octets) else { return }
        throw Finding(description: "\(difference.question) \(difference.way): \(difference.explanations)")
    }

    /// Decisions of a writer of zones: the check knows no error that loading does not, and no fault of what is signed
    /// well. Tests/Specification replays its corpus.
    static let checks = FuzzTarget(name: "checks") { octets in
        if let fault = try CheckTrial.fault(octets: octets) { throw Finding(description: fault) }
    }
}

extension FuzzTarget {
    /// A reader of records that forgets to compare one length, behind which Swift checks nothing: so it can be seen that
    /// such a fault is found, and that address sanitizer looks.
    static let planted = FuzzTarget(name: "planted") { octets in
        let view = Octets(octets.span)
        guard Query.isQuery(view), var offset = Query.nameEnd(view, Header.count) else { return }
        offset += 4
        for _ in 0..<view.u16(10) {
            guard let end = Query.nameEnd(view, offset), end + 10 <= view.count else { return }
            offset = end + 10 + Int(view.u16(end + 8))
            // Here it must be compared with the end.
            guard RecordType(rawValue: view.u16(end)) == .opt else { continue }
            // Not sound, on purpose.
            let last = unsafe octets.withUnsafeBufferPointer { $0.baseAddress![offset - 1] }
            try Finding.unless(offset > 0 || last == 0, "the end of a record")
        }
    }
}
