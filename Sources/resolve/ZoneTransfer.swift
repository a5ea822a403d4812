import DNS
import DNSClient
import Linux

extension Session {
    /// Fetches zones from the first server that gives them, and prints their records as they come: what came before a
    /// failure cannot be taken back, so the exit code tells whether it was all.
    func transfer(_ zones: [Question]) async throws(Failure) -> ExitStatus {
        var status = ExitStatus.answer
        for zone in zones {
            var failures: [String] = []
            var isWhole = false
            for server in configuration.servers.flatMap(\.self) {
                let (error, count) = try await transfer(zone, from: server)
                isWhole = error == nil
                guard let error else { break }
                failures.append("\(server): \(error)" + (count > 0 ? ", behind \(count) records" : ""))
                if count > 0 { break }
            }
            if isWhole { continue }
            status = .noReply
            Main.complain(["error: \(zone.text): the zone did not come whole"] + failures.map { "  \($0)" })
        }
        return status
    }

    /// What went wrong, and how many records came.
    private func transfer(
        _ zone: Question, from server: SocketAddress
    ) async throws(Failure) -> (TransferError?, Int) {
        var batches = Transfer(of: zone.name, from: server, options: configuration.transfer).makeAsyncIterator()
        var count = 0
        while true {
            let batch: Transfer.Batch?
            do throws(TransferError) {
                batch = try await batches.next()
            } catch {
                return (error, count)
            }
            guard let batch else { return (nil, count) }
            count += batch.records.count
            try printer.write(
                printer.format == .json
                    ? batch.records.map { FindingJSON.line(of: $0) }.joined()
                    : ZonePrinter.print(batch.records))
        }
    }
}
