import DNS
import DNSClient

/// Findings with the members of RFC 8427; `resolve` is the member of our own. Text is printing ASCII: the rest is
/// `\DDD`, as in a zone file.
enum FindingJSON {
    static func line(of finding: Finding, _ more: [JSON.Member]) -> String {
        var line = Array("{".utf8)
        appendMessage(of: finding, to: &line)
        line += Array("\"resolve\":\(JSON.object(more + own(of: finding)).text)}\n".utf8)
        return String(decoding: line, as: UTF8.self)
    }

    /// The members of the response, or those of the question where there is none.
    private static func appendMessage(of finding: Finding, to line: inout [UInt8]) {
        var printer = MessageJSON()
        guard let reply = finding.reply, var octets = Optional(reply.octets) else {
            return printer.print(finding.question, into: &line)
        }
        // As it was typed: what came may have another case, and names that point there too.
        let name = finding.question.name.wire
        if !reply.message.questions.isEmpty {
            octets.replaceSubrange(Header.count..<(Header.count + name.count), with: name)
        }
        do throws(WireError) {
            _ = try printer.print(octets.span, to: finding.question, into: &line)
        } catch {
            printer.print(finding.question, into: &line)
        }
    }

    private static func own(of finding: Finding) -> [JSON.Member] {
        switch finding.result {
        case .failure(let error):
            return [.init("error", text("\(error)")), .init("notes", notes(error.notes, finding.remarks))]
        case .success(let reply):
            let isServers = reply.source == .server
            let errors = reply.message.edns?.extendedErrors.map { text(OptionText.text(of: $0)) } ?? []
            return [
                .init("server", isServers ? text("\(reply.server)") : .null),
                .init("transport", isServers ? text("\(reply.transport)") : .null),
                .init("milliseconds", .thousandths(Int(reply.duration / .microseconds(1)))),
                .init("tries", .number(reply.attempts)), .init("code", text("\(reply.responseCode)")),
                .init("notes", notes(reply.notes, finding.remarks)),
            ] + (errors.isEmpty ? [] : [.init("errors", .array(errors))])
        }
    }

    static func text(_ text: String) -> JSON { .string(Style.escaped(text)) }

    static func notes(_ notes: [Note], _ remarks: [String] = []) -> JSON {
        .array(notes.map { text("\($0)") } + remarks.map(text))
    }

    /// A record by itself.
    static func line(of record: Record) -> String {
        let data = record.data.octets
        return JSON.object([
            .init("NAME", text("\(record.owner)")), .init("TYPE", .number(Int(record.type.rawValue))),
            .init("CLASS", .number(Int(record.recordClass.rawValue))), .init("TTL", .number(Int(record.ttl.seconds))),
            .init("RDLENGTH", .number(data.count)), .init("RDATAHEX", text(Hexadecimal.text(data).uppercased())),
            .init("rdata\(record.type)", text("\(record.data)")),
        ]).text + "\n"
    }
}
