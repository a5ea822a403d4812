import ArgumentParser
import DNSClient
import Linux

/// The file with a user's own options, which come before those of the command line.
///
///     # at home
///     @192.0.2.53
///     --short --timeout 1
///
/// It has options, each with its value in one line, servers, which those of the command line replace, and comments.
struct StartUpFile {
    let path: String
    private var words: [String] = []

    private static let sizeLimit = 1 << 14

    /// Nil where there is none.
    init?() throws(Failure) {
        guard let path = Self.standardPath else { return nil }
        self.path = path
        let text: String
        do throws(SystemError) {
            text = String(decoding: try File.read(path, limit: Self.sizeLimit).octets, as: UTF8.self)
        } catch {
            if error.isMissing { return nil }
            throw Failure(status: .localFailure, message: "\(error)")
        }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            try read(line, number: index + 1)
        }
    }

    /// What comes before the options of a command line with these words.
    func words(before others: [String]) -> [String] {
        others.contains { $0.hasPrefix("@") } ? words.filter { !$0.hasPrefix("@") } : words
    }

    /// A failure, and that the file may be why.
    func note(on failure: Failure) -> Failure {
        guard failure.status == .usage else { return failure }
        let hint = "The options of \(path) were read, too; -r leaves them alone."
        return Failure(status: .usage, message: "\(failure.message)\n\(hint)")
    }

    /// As the XDG Base Directory Specification has it, where a relative path counts as none.
    private static var standardPath: String? {
        let folders = [Environment["XDG_CONFIG_HOME"], Environment["HOME"].map { "\($0)/.config" }]
        return folders.compactMap(\.self).first { $0.hasPrefix("/") }.map { "\($0)/resolve/options" }
    }

    private mutating func read(_ line: Substring, number: Int) throws(Failure) {
        let words = line.split(whereSeparator: \.isWhitespace).prefix { !$0.hasPrefix("#") }
        let lookup: Lookup
        do {
            lookup = try Lookup.parse(words.map(String.init))
        } catch {
            // What is wrong begins behind the most words that are right.
            let isRight = { count in (try? Lookup.parse(words.prefix(count).map(String.init))) != nil }
            let good = words.indices.last(where: isRight) ?? 0
            let isError = Lookup.exitCode(for: error) != .success
            let message = isError ? Lookup.message(for: error) : "\(words[good]) belongs on the command line"
            throw failure(message, at: words[good], in: line, number)
        }
        for word in lookup.words {
            if let message = Self.objection(to: word) {
                throw failure(message, at: words.first { $0 == word } ?? line, in: line, number)
            }
        }
        self.words += words.map(String.init)
    }

    private static func objection(to word: String) -> String? {
        if word.hasPrefix("+") { return "dig's words belong on the command line; here are options, such as --short" }
        guard word.hasPrefix("@") else { return "only options and servers may stand here, not names and types" }
        do throws(Failure) {
            _ = try Plan.server(word, port: ResolverConfiguration.port)
            return nil
        } catch {
            return error.message.split(separator: "\n").first.map(String.init)
        }
    }

    private func failure(_ message: String, at word: Substring, in line: Substring, _ number: Int) -> Failure {
        let before = line[..<word.startIndex]
        func shown(_ text: Substring) -> String { Style.escaped(text.map { $0 == "\t" ? " " : "\($0)" }.joined()) }
        let gutter = String(repeating: " ", count: "\(number)".count)
        let mark = String(repeating: " ", count: shown(before).count) + String(repeating: "^", count: shown(word).count)
        return Failure(
            status: .usage,
            message: """
                \(path):\(number):\(before.utf8.count + 1): \(message)
                \(number) | \(shown(line))
                \(gutter) | \(mark)
                """)
    }
}
