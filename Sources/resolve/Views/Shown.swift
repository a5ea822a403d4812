import ArgumentParser
import DNS

/// What of a response is shown to people.
struct Shown: ParsableArguments {
    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden) var headline = true
    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden) var answer = true
    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden) var authority = true
    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden) var additional = true
    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden) var comments = true
    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden) var statistics = true
    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden) var showTTL = true
    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: .hidden) var showClass = true
    @Flag(help: "Say what the query had, too.") var query = false
    @Flag(help: "Long records over several lines, with what each field is.") var multiline = false
    @Flag(name: .customLong("no-crypto"), help: "Leave out keys, signatures and digests; the ids of keys stay.")
    var hidesOctets = false
    @Flag(help: "TTLs in seconds.") var seconds = false
    @Flag(help: "Data in the form that every type has: \\# 4 c0000250.") var generic = false

    func sections(of message: Message) -> [(name: String, records: [Record])] {
        [
            ("answer", answer ? message.answer : []), ("authority", authority ? message.authority : []),
            ("additional", additional ? message.additional : []),
        ]
    }

    /// Data as text.
    func text(of data: RecordData) -> String {
        generic ? data.genericDescription : data.text(hidingOctets: hidesOctets)
    }

    /// The same over as many lines as it is to have.
    func lines(of data: RecordData) -> [String] {
        multiline && !generic ? data.lines(hidingOctets: hidesOctets) : [text(of: data)]
    }
}
