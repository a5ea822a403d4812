import DNS
import DNSClient
import Synchronization

/// Writes findings in the format that was chosen.
final class Printer: Sendable {
    let format: Format
    let style: Style
    let shown: Shown
    /// How it was asked, where that is to be shown.
    private let query: QueryOptions?
    private let output: Output
    private let hasPrinted = Atomic(false)

    init(_ lookup: Lookup, _ options: QueryOptions, _ output: Output) {
        format = lookup.format
        style = Style(lookup)
        shown = lookup.shown
        query = shown.query ? options : nil
        self.output = output
    }

    /// - Parameter members: what JSON has besides.
    func show(_ finding: Finding, members: [JSON.Member] = []) throws(Failure) {
        if format == .json { return try write(FindingJSON.line(of: finding, members)) }
        let reply: Reply
        switch finding.result {
        case .success(let result): reply = result
        case .failure(let error):
            return Main.complain(["error: \(finding.question.text): \(error)"] + error.notes.map { "  \($0)" })
        }
        let message = reply.message
        switch format {
        case .full:
            let view = ReplyView(finding: finding, reply: reply, style: style, shown: shown, query: query)
            try write(view.text, isApart: shown.comments)
        case .short: try write(message.answer.map { style.shown(shown.text(of: $0.data)) + "\n" }.joined())
        case .json: return
        case .zone:
            let records = message.answer + message.authority + message.additional
            try write(ZonePrinter.print(records, multiline: shown.multiline))
        case .raw: try write(Hexadecimal.text(reply.octets) + "\n")
        case .wire: try write(WireView.text(of: reply.octets), isApart: true)
        }
    }

    /// Writes lines as they are; an empty one goes before those that stand apart from what was printed before.
    func write(_ text: String, isApart: Bool = false) throws(Failure) {
        if text.isEmpty { return }
        let isFirst = !hasPrinted.exchange(true, ordering: .relaxed)
        try output.write(isApart && !isFirst ? "\n" + text : text)
    }
}
