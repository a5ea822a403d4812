import DNS
import Linux
import Synchronization

/// The thread behind a resolver, which starts with the first query and ends with its owner.
final class Engine: Sendable {
    private let surroundings: Surroundings
    private let mailbox = Mutex<Mailbox?>(nil)

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    deinit {
        mailbox.withLock { $0?.stop() }
    }

    func query(
        _ question: Question, _ options: QueryOptions, _ configuration: ResolverConfiguration, _ cache: Cache?
    ) async throws(ResolverError) -> Reply {
        let key = cache == nil ? nil : Cache.Key(question, options)
        if let key, let reply = cache?.reply(to: question, key, now: surroundings.nanoseconds()) { return reply }
        let mailbox = try runningLoop()
        let ticket = Ticket()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let request = Request(
                    ticket: ticket, question: question, options: options, configuration: configuration,
                    cache: cache, key: key, continuation: continuation)
                if let error = mailbox.post(.start(request)) { continuation.resume(returning: .failure(error)) }
            }
        } onCancel: {
            ticket.isCancelled.store(true, ordering: .relaxed)
            _ = mailbox.post(.cancel(ticket))
        }
        return try result.get()
    }

    private func runningLoop() throws(ResolverError) -> Mailbox {
        try mailbox.withLock { current throws(ResolverError) in
            if let mailbox = current, !mailbox.isClosed { return mailbox }
            do throws(SystemError) {
                let mailbox = Mailbox(wakeup: try Wakeup())
                try start(mailbox)
                current = mailbox
                return mailbox
            } catch {
                throw .system(error)
            }
        }
    }

    private func start(_ mailbox: Mailbox) throws(SystemError) {
        let surroundings = surroundings
        _ = try Linux.Thread(name: "resolver") {
            do throws(SystemError) {
                var loop = try EventLoop(mailbox, surroundings)
                loop.run()
            } catch {
                mailbox.close(.system(error))
            }
        }
    }
}
