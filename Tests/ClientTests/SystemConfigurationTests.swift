import DNSClient
import Linux
import TestSupport
import Testing

struct SystemConfigurationTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var text = ""
        var expected: [String] = []

        var testDescription: String { name }
    }

    static let cases: [Case] = {
        let path = "\(#filePath)".split(separator: "/").dropLast().map { "/\($0)" }.joined()
        guard let file = try? File.read("\(path)/Data/resolv.conf.cases", limit: 1 << 20) else { return [] }
        var cases: [Case] = []
        var isExpectation = true
        for line in String(decoding: file.octets, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line.hasPrefix("--- ") {
                cases.append(Case(name: String(line.dropFirst(4))))
                isExpectation = false
            } else if line == "=>" {
                isExpectation = true
            } else if !cases.isEmpty, !isExpectation {
                cases[cases.count - 1].text += line.replacing("<CR>", with: "\r") + "\n"
            } else if !cases.isEmpty, !line.isEmpty {
                cases[cases.count - 1].expected.append(String(line))
            }
        }
        return cases
    }()

    @Test func casesAreFound() {
        #expect(Self.cases.count > 15)
    }

    @Test(arguments: cases)
    func reads(_ one: Case) {
        let configuration = ResolverConfiguration(parsing: one.text)
        let flags = [
            configuration.rotates ? "rotate" : nil, configuration.options.authenticData ? "trust-ad" : nil,
            configuration.options.transport == .tcp ? "use-vc" : nil,
        ].compactMap { $0 }
        let all = [
            (["servers"] + configuration.servers.map(\.description)).joined(separator: " "),
            (["search"] + configuration.searchList).joined(separator: " "),
            "timeout \(Double(configuration.timeout / .milliseconds(1)) / 1000) tries \(configuration.tries) "
                + "ndots \(configuration.dotsOfAbsoluteNames)",
            (["flags"] + flags).joined(separator: " "),
        ]
        for line in one.expected { #expect(all.contains(line), "\(all)") }
        #expect(!one.expected.isEmpty)
    }

    @Test func aMissingFileIsAnEmptyOne() throws {
        let missing = try ResolverConfiguration.system(path: "/nonexistent/resolv.conf")
        #expect("\(missing)" == "\(ResolverConfiguration(parsing: ""))")
        #expect(throws: SystemError.self) { try ResolverConfiguration.system(path: "/") }
    }
}
