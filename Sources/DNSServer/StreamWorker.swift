import DNS
import Glibc
import Linux
import Logging

/// Serves all TCP connections on its own thread, so that they cannot hold up a datagram.
struct StreamWorker: ~Copyable {
    private var poller: Poller
    private var connections = ConnectionTable()
    private var responder: FrameResponder
    private var input: [UInt8]
    private let listeners: [Socket]
    private let publication: Publication
    private let subscriber: Subscriber
    private let counters: WorkerCounters
    private let limits: ServerLimits
    private let logger: Logger
    private var now = Clock.milliseconds
    /// When accepting goes on after a pause.
    private var pausedUntil: Int?

    private static let readSize = 64 << 10
    /// Readers of messages may load whole words past the last octet.
    private static let padding = 16
    private static let wakeToken = UInt64.max
    /// Tokens of listeners lie above those of connections, which are slots with 32 bits of uses.
    private static let listenerToken = UInt64.max << 16

    init(
        _ listeners: [Socket], _ publication: Publication, _ subscriber: Subscriber, _ tap: QueryTap,
        _ limits: ServerLimits, _ logger: Logger
    ) throws(SystemError) {
        let poller = try Poller(limit: 256)
        try poller.add(subscriber.wakeup.descriptor, .read, token: Self.wakeToken)
        for (index, listener) in listeners.enumerated() {
            try poller.add(listener.descriptor, .read, token: Self.listenerToken + UInt64(index))
        }
        self.poller = poller
        self.listeners = listeners
        self.publication = publication
        self.subscriber = subscriber
        counters = tap.counters
        self.limits = limits
        self.logger = logger
        responder = FrameResponder(limits, tap)
        input = Array(repeating: 0, count: Self.readSize + Self.padding)
    }

    /// Serves until the publication stops.
    mutating func run() throws(SystemError) {
        defer { while let oldest = connections.oldest { close(oldest) } }
        while !publication.isStopped {
            let (database, generation) = publication.snapshot(for: subscriber)
            while publication.generation == generation { try turn(database) }
        }
    }

    private mutating func turn(_ database: Database) throws(SystemError) {
        let ready = try poller.wait(milliseconds: timeout)
        now = Clock.milliseconds
        for index in 0..<ready {
            let token = poller.token(index)
            if token == Self.wakeToken {
                subscriber.wakeup.clear()
            } else if token >= Self.listenerToken {
                try accept(listeners[Int(token - Self.listenerToken)], database)
            } else {
                serve(token, poller.readiness(index), database)
            }
        }
        while let oldest = connections.oldest, let connection = connections[oldest],
            now - connection.lastActivity >= limits.connectionIdleMilliseconds
        {
            close(oldest, for: .connectionIdle)
        }
        if let end = pausedUntil, now >= end {
            pausedUntil = nil
            try watchListeners(.read)
        }
    }

    /// Milliseconds until something is due, -1 for never.
    private var timeout: Int {
        var due = pausedUntil ?? .max
        if let oldest = connections.oldest, let connection = connections[oldest] {
            due = min(due, connection.lastActivity + limits.connectionIdleMilliseconds)
        }
        return due == .max ? -1 : max(0, due - now)
    }
}

// MARK: Connections come and go

extension StreamWorker {
    private mutating func accept(_ listener: Socket, _ database: Database) throws(SystemError) {
        for _ in 0..<limits.acceptedInARow where pausedUntil == nil {
            do {
                guard let (socket, peer) = try listener.accept() else { return }
                try open(socket, of: peer, database)
            } catch {
                try acceptingFailed(error)
            }
        }
    }

    private mutating func open(_ socket: Socket, of peer: SocketAddress, _ database: Database) throws(SystemError) {
        let client = peer.withoutPort
        if connections.count >= limits.connections, let oldest = connections.oldest {
            close(oldest, for: .connections)
        }
        if limits.limitsLoopbackClients || !client.isLoopback,
            connections.count(of: client) >= limits.connectionsPerClient,
            let oldest = connections.oldest(where: { $0.client == client })
        {
            close(oldest, for: .connectionsPerClient)
        }
        let connection = Connection(
            socket: socket, peer: peer, mayTransfer: limits.mayTransfer(client), now: now)
        let token = connections.insert(connection)
        counters.connectionOpened()
        do {
            try poller.add(socket.descriptor, .read, token: token)
        } catch {
            close(token)
            throw error
        }
        // Under load the first query is there already.
        serve(token, .read, database)
    }

    /// Where descriptors or memory are short, the oldest idle connection makes room. Where there is
    /// none, or the reason is another, accepting pauses, since the listener would stay ready.
    private mutating func acceptingFailed(_ error: SystemError) throws(SystemError) {
        if [EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC].contains(error.code), let oldest = connections.oldest {
            return close(oldest, for: .descriptors)
        }
        counters.reached(.descriptors)
        logger.warning("\(error); accepting pauses for \(limits.acceptPauseMilliseconds) ms")
        pausedUntil = now + limits.acceptPauseMilliseconds
        try watchListeners([])
    }

    private func watchListeners(_ readiness: Readiness) throws(SystemError) {
        for (index, listener) in listeners.enumerated() {
            try poller.change(listener.descriptor, readiness, token: Self.listenerToken + UInt64(index))
        }
    }

    /// The socket closes with its last reference, and is no longer polled then.
    private mutating func close(_ token: ConnectionTable.Token, for limit: Counters.Limit? = nil) {
        if connections.remove(token) { counters.connectionClosed() }
        if let limit { counters.reached(limit) }
    }
}

// MARK: Connections are served

extension StreamWorker {
    private mutating func serve(_ token: ConnectionTable.Token, _ readiness: Readiness, _ database: Database) {
        guard let connection = connections[token] else { return }
        do throws(SystemError) {
            if connection.unsent.isEmpty {
                if !connection.isInputFinished && !connection.isWaiting { try read(connection, token, database) }
                try continueTransfer(of: connection, token, database)
            } else if readiness.contains(.failure) {
                return close(token)
            } else if try connection.sendUnsent() {
                connections.touch(token, now: now)
                if connection.unsent.isEmpty { try answerUnread(of: connection, token, database) }
            }
            if connection.isInputFinished && connection.unsent.isEmpty && connection.transfer == nil {
                return close(token)
            }
            try watch(connection, token)
        } catch {
            return close(token)
        }
        connections.account(token)
        while connections.heldOctets > limits.connectionMemory,
            let holder = connections.oldest(where: { $0.heldOctets > 0 })
        {
            close(holder, for: .connectionMemory)
        }
    }

    private mutating func read(
        _ connection: Connection, _ token: ConnectionTable.Token, _ database: Database
    ) throws(SystemError) {
        var all = input.mutableSpan
        var room = all._mutatingExtracting(0..<Self.readSize)
        guard let count = try connection.socket.receive(into: &room) else { return }
        if count == 0 {
            connection.isInputFinished = true
        } else if connection.unread.isEmpty {
            let outcome = try responder.answer(input, count, of: connection, from: database)
            if outcome.consumed < count { connection.unread = Array(input[outcome.consumed..<count]) }
            answered(outcome, token)
        } else {
            connection.unread.reserveCapacity(connection.unread.count + count + Self.padding)
            connection.unread.append(contentsOf: input[0..<count])
            try answerUnread(of: connection, token, database)
        }
    }

    private mutating func answerUnread(
        of connection: Connection, _ token: ConnectionTable.Token, _ database: Database
    ) throws(SystemError) {
        var unread: [UInt8] = []
        swap(&unread, &connection.unread)
        let outcome = try responder.answer(unread, unread.count, of: connection, from: database)
        answered(outcome, token)
        if outcome.consumed == unread.count { return }
        unread.removeFirst(outcome.consumed)
        connection.unread = unread
    }

    private mutating func continueTransfer(
        of connection: Connection, _ token: ConnectionTable.Token, _ database: Database
    ) throws(SystemError) {
        guard connection.transfer != nil, connection.unsent.isEmpty else { return }
        try responder.continueTransfer(of: connection)
        connections.touch(token, now: now)
        // Another transfer may have waited for this one's end.
        if connection.transfer == nil, connection.unsent.isEmpty, !connection.unread.isEmpty {
            try answerUnread(of: connection, token, database)
        }
    }

    private mutating func answered(_ outcome: FrameResponder.Outcome, _ token: ConnectionTable.Token) {
        guard outcome.queries > 0 else { return }
        connections.touch(token, now: now)
        counters.add(queries: outcome.queries, replies: outcome.replies, dropped: 0)
    }

    /// A connection whose client does not take its answers is not read, nor one whose next query must wait.
    private func watch(_ connection: Connection, _ token: ConnectionTable.Token) throws(SystemError) {
        var wanted: Readiness = connection.unsent.isEmpty ? .read : .write
        if connection.transfer != nil { wanted.insert(.write) }
        if connection.isInputFinished || connection.isWaiting { wanted.remove(.read) }
        if wanted == connection.watched { return }
        try poller.change(connection.socket.descriptor, wanted, token: token)
        connection.watched = wanted
    }
}
