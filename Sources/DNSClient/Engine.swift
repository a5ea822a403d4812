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
                mailbox.post(
                    Request(
                        ticket: ticket, question: question, options: options, configuration: configuration,
                        cache: cache, key: key, done: { continuation.resume(returning: $0) }))
            }
        } onCancel: {
            ticket.isCancelled.store(true, ordering: .relaxed)
            _ = mailbox.post(.cancel(ticket))
        }
        return try result.get()
    }

    /// Asks a question without waiting for its reply, and without a cache.
    func start(
        _ question: Question, _ options: QueryOptions, _ configuration: ResolverConfiguration,
        done: @escaping @Sendable (Result<Reply, ResolverError>) -> Void
    ) {
        do throws(ResolverError) {
            try runningLoop().post(
                Request(
                    ticket: Ticket(), question: question, options: options, configuration: configuration, cache: nil,
                    key: nil, done: done))
        } catch {
            done(.failure(error))
        }
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
