import DNS
import TestSupport
import Testing

@Suite struct NameVectorTests {
    /// `vectorsAreThere` fails where they cannot be read.
    static let vectors = (try? NameVector.all()) ?? []

    @Test func vectorsAreThere() { #expect(Self.vectors.count > 50) }

    @Test(arguments: vectors) func nameIsReadAndPrinted(_ vector: NameVector) throws {
        switch vector.outcome {
        case .good(let wire, let printed):
            let name = try Name(vector.text)
            #expect(name.wire == wire)
            #expect(name.description == printed)
            #expect(try Name(printed) == name)
            let fromWire = try Name(wire: wire.span)
            #expect(fromWire.wire == wire)
        case .badText(let message):
            let error = #expect(throws: NameError.self) { try Name(vector.text) }
            #expect(error?.description == message)
        case .badWire(let wire, let name):
            let error = #expect(throws: WireError.self) { try Name(wire: wire.span) }
            #expect(error.map { "\($0)" } == name)
        case .ordered:
            _ = try Name(vector.text)
        }
    }

    /// Each name before all that follow it, whatever their case.
    @Test func canonicalOrder() throws {
        let names = try Self.vectors.compactMap { vector in
            if case .ordered = vector.outcome { try Name(vector.text) } else { nil }
        }
        #expect(names.count > 9)
        for left in names.indices {
            for right in names.indices {
                #expect((names[left] < names[right]) == (left < right), "\(names[left]) \(names[right])")
                #expect((names[left].lowercased == names[right]) == (left == right))
            }
        }
        #expect(names.shuffled().sorted() == names)
    }

    @Test func relativeNamesGetTheOrigin() throws {
        let origin = try Name("example.test.")
        #expect(try Name("www", origin: origin).description == "www.example.test.")
        #expect(try Name("www.", origin: origin).description == "www.")
        #expect(try Name("@", origin: origin) == origin)
        let long = try Name((0..<3).map { _ in String(repeating: "a", count: 63) }.joined(separator: "."))
        #expect(try Name(String(repeating: "b", count: 61), origin: long).count == 255)
        #expect(throws: NameError.nameTooLong) { try Name(String(repeating: "b", count: 62), origin: long) }
    }
}
