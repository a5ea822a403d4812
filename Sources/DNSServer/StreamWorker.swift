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
    private var edition: Edition
    private let counters: WorkerCounters
    private let limits: ServerLimits
    private let logger: Logger
    private var now = Clock.milliseconds
    /// When accepting goes on after a pause, and when a pause was told last.
    private var pausedUntil: Int?
    private var toldAt: Int?
    /// Connections have descriptors below this one. The system gives the lowest that is free, so those from here on are.
    private let descriptors: Int
    /// The most octets that connections held since memory was given back.
    private var heldMost = 0

    private static let readSize = 64 << 10
    /// Readers of messages may load whole words past the last octet.
    private static let padding = 16
    private static let trimmedSize = 16 << 20
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
        edition = Edition(database: .empty, clients: limits.clients)
        self.logger = logger
        let most = Machine.descriptorLimit
        descriptors = most - min(limits.reservedDescriptors, most / 2)
        responder = FrameResponder(limits, tap)
        input = Array(repeating: 0, count: Self.readSize + Self.padding)
    }

    /// Serves until the publication stops.
    mutating func run() throws(SystemError) {
        defer { while let oldest = connections.oldest { close(oldest) } }
        while !publication.isStopped {
            takeNewest()
            try turn()
        }
    }

    /// What is asked after a newer database was seen elsewhere is answered from it, too: called behind each receive.
    private mutating func takeNewest() {
        if publication.generation == edition.generation { return }
        // The one before is freed by who publishes.
        edition.database = .empty
        edition = publication.snapshot(for: subscriber)
        responder.use(edition.clients.cookieSecrets)
    }

    private mutating func turn() throws(SystemError) {
        let ready = try poller.wait(milliseconds: timeout)
        now = Clock.milliseconds
        for index in 0..<ready {
            let token = poller.token(index)
            if token == Self.wakeToken {
                subscriber.wakeup.clear()
            } else if token >= Self.listenerToken {
                try accept(listeners[Int(token - Self.listenerToken)])
            } else {
                serve(token, poller.readiness(index))
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
    private mutating func accept(_ listener: Socket) throws(SystemError) {
        for _ in 0..<limits.acceptedInARow where pausedUntil == nil {
            do {
                guard let (socket, peer) = try listener.accept() else { return }
                try open(socket, of: peer)
            } catch {
                try acceptingFailed(error)
            }
        }
    }

    private mutating func open(_ socket: Socket, of peer: SocketAddress) throws(SystemError) {
        let client = peer.withoutPort
        let isReserved = socket.descriptor >= descriptors
        if limits.limitsLoopbackClients || !client.isLoopback,
            connections.count(of: client) >= limits.connectionsPerClient, let oldest = connections.oldest(of: client)
        {
            close(oldest, for: .connectionsPerClient)
        } else if connections.count >= limits.connections || isReserved, let oldest = connections.oldest {
            close(oldest, for: isReserved ? .descriptors : .connections)
        }
        // Where nothing was there to close, or others were faster, the newest connection goes.
        let socket = isReserved ? try socket.renumbered() : socket
        if socket.descriptor >= descriptors { return }
        let asker = Client(
            address: client.number, mayAsk: edition.clients.mayAsk?.admits(client) ?? true,
            mayTransfer: edition.clients.mayTransfer(client))
        let connection = Connection(socket: socket, peer: peer, asker: asker, now: now)
        let token = connections.insert(connection)
        counters.connectionOpened()
        do {
            try poller.add(socket.descriptor, .read, token: token)
        } catch {
            close(token)
            throw error
        }
        // Under load the first query is there already.
        serve(token, .read)
    }

    /// Where descriptors or memory are short, the oldest idle connection makes room. Where there is
    /// none, or the reason is another, accepting pauses, since the listener would stay ready.
    private mutating func acceptingFailed(_ error: SystemError) throws(SystemError) {
        if error.isExhaustion, let oldest = connections.oldest {
            return close(oldest, for: .descriptors)
        }
        counters.reached(.descriptors)
        if toldAt.map({ now - $0 >= limits.acceptWarningMilliseconds }) ?? true {
            logger.warning("\(error); accepting pauses for \(limits.acceptPauseMilliseconds) ms at a time")
            toldAt = now
        }
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
        if let connection = connections.remove(token) {
            // What a client did not take would stay with the system for minutes.
            if !connection.isQuiet, !connection.unsent.isEmpty { try? connection.socket.resetOnClose() }
            counters.connectionClosed()
        }
        if let limit { counters.reached(limit) }
        // What a flood left in many pieces would stay with the process.
        if connections.heldOctets == 0, heldMost >= Self.trimmedSize {
            heldMost = 0
            Machine.releaseFreeMemory()
        }
    }
}

// MARK: Connections are served

extension StreamWorker {
    private mutating func serve(_ token: ConnectionTable.Token, _ readiness: Readiness) {
        guard let connection = connections[token] else { return }
        do throws(SystemError) {
            if connection.isQuiet {
                try read(connection, token)
                if connection.isQuiet {
                    if connection.isInputFinished || connection.isOverdue(now, limits) { close(token) }
                    return
                }
                try continueTransfer(of: connection, token)
            } else if connection.unsent.isEmpty {
                if connection.hasMore {
                    try answerUnread(of: connection, token)
                } else if !connection.isInputFinished && !connection.isWaiting {
                    try read(connection, token)
                }
                try continueTransfer(of: connection, token)
            } else if readiness.contains(.failure) {
                return close(token)
            } else if try connection.sendUnsent() {
                connections.touch(token, now: now)
                if connection.unsent.isEmpty { try answerUnread(of: connection, token) }
            }
            connection.noteUnsent(now)
            if connection.isDone || connection.isOverdue(now, limits) { return close(token) }
            try watch(connection, token)
            connection.noteQuiet()
        } catch {
            return close(token)
        }
        connections.account(token)
        heldMost = max(heldMost, connections.heldOctets)
        while connections.heldOctets > limits.connectionMemory, let holder = connections.oldestHolder {
            close(holder, for: .connectionMemory)
        }
    }

    private mutating func read(_ connection: Connection, _ token: ConnectionTable.Token) throws(SystemError) {
        var all = input.mutableSpan
        var room = all._mutatingExtracting(0..<Self.readSize)
        guard let count = try connection.socket.receive(into: &room) else { return }
        takeNewest()
        if count == 0 {
            connection.isInputFinished = true
        } else if connection.isQuiet || connection.unread.isEmpty {
            let outcome = try responder.answer(input, count, of: connection, from: edition.database)
            if outcome.consumed < count {
                connection.unread = Array(input[outcome.consumed..<count])
                connection.isQuiet = false
            }
            answered(outcome, connection, token)
        } else {
            connection.unread.reserveCapacity(connection.unread.count + count + Self.padding)
            connection.unread.append(contentsOf: input[0..<count])
            try answerUnread(of: connection, token)
        }
    }

    private mutating func answerUnread(of connection: Connection, _ token: ConnectionTable.Token) throws(SystemError) {
        var unread: [UInt8] = []
        swap(&unread, &connection.unread)
        let outcome = try responder.answer(unread, unread.count, of: connection, from: edition.database)
        if outcome.consumed < unread.count {
            unread.removeFirst(outcome.consumed)
            connection.unread = unread
        }
        answered(outcome, connection, token)
    }

    private mutating func continueTransfer(
        of connection: Connection, _ token: ConnectionTable.Token
    ) throws(SystemError) {
        guard connection.transfer != nil, connection.unsent.isEmpty else { return }
        if !connection.hasTransferBuffer {
            try connection.socket.setSendBuffer(octets: Int32(clamping: limits.transferSendBuffer))
            connection.hasTransferBuffer = true
        }
        try responder.continueTransfer(of: connection)
        connections.touch(token, now: now)
        // Another transfer may have waited for this one's end.
        if connection.transfer == nil, connection.unsent.isEmpty, !connection.unread.isEmpty {
            try answerUnread(of: connection, token)
        }
    }

    private mutating func answered(
        _ outcome: FrameResponder.Outcome, _ connection: Connection, _ token: ConnectionTable.Token
    ) {
        connection.hasMore = outcome.isTurnOver && !connection.isQuiet && !connection.unread.isEmpty
        // What gets no reply is no query.
        if outcome.replies > 0 { connections.touch(token, now: now) }
        if outcome.queries > 0 { counters.add(queries: outcome.queries, replies: outcome.replies, dropped: 0) }
    }

    /// A connection whose client does not take its answers is not read, nor one whose next query must wait. One that has
    /// more for the next turn can be written to, and so is ready.
    private func watch(_ connection: Connection, _ token: ConnectionTable.Token) throws(SystemError) {
        var wanted: Readiness = connection.unsent.isEmpty ? .read : .write
        if connection.transfer != nil || connection.hasMore { wanted.insert(.write) }
        if connection.isInputFinished || connection.isWaiting || connection.hasMore { wanted.remove(.read) }
        if wanted == connection.watched { return }
        try poller.change(connection.socket.descriptor, wanted, token: token)
        connection.watched = wanted
    }
}
