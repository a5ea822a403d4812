import DNS
import DNSClient
import Linux

extension Session {
    /// Fetches zones, or what changed in them, from the first server that gives it, and prints it as it comes: what came
    /// before a failure cannot be taken back, so the exit code tells whether it was all.
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
        let transfer = Transfer(of: zone.name, since: plan.since, from: server, options: configuration.transfer)
        var batches = transfer.makeAsyncIterator()
        var count = 0
        while true {
            let batch: Transfer.Batch?
            do throws(TransferError) {
                batch = try await batches.next()
            } catch {
                return (error, count)
            }
            guard let batch else { return (nil, count) }
            try printer.write(text(of: batch, zone.name, isFirst: count == 0))
            switch batch.content {
            case .records(let records): count += records.count
            case .differences(let steps): for step in steps { count += step.recordCount }
            case .upToDate: break
            }
        }
    }

    /// Records as a zone file has them, changes as `minidns diff` prints them; of either, JSON has one a line.
    private func text(of batch: Transfer.Batch, _ zone: Name, isFirst: Bool) -> String {
        switch batch.content {
        case .records(let records):
            let remark = isFirst && plan.since != nil ? self.remark("whole", batch.serial, zone) : ""
            guard printer.format == .json else {
                return remark + ZonePrinter.print(records, multiline: printer.shown.multiline)
            }
            return remark + records.map { FindingJSON.line(of: $0) }.joined()
        case .differences(let steps):
            let changes = steps.flatMap(\.changes)
            if printer.format == .json { return changes.map { $0.json(zone: zone).text + "\n" }.joined() }
            let lines = (isFirst ? ["zone \(zone)"] : []) + changes.flatMap(\.lines)
            return lines.map { $0 + "\n" }.joined()
        case .upToDate: return remark("up to date", batch.serial, zone)
        }
    }

    /// What came instead of differences.
    private func remark(_ state: String, _ serial: SerialNumber, _ zone: Name) -> String {
        if printer.format == .json {
            let line: JSON = [
                "zone": .string("\(zone)"), "state": .string(state), "serial": .number(Int(serial.value)),
            ]
            return line.text + "\n"
        }
        return printer.style.comment("\(zone) \(state): the server has serial \(serial.value)") + "\n"
    }
}
