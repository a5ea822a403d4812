import CLinux
import Glibc

/// A stream socket with a path in the file system (AF_UNIX), for programs of this machine whom the file's mode lets in.
public struct LocalSocket: Sendable {
    public let socket: Socket

    private init(datagrams: Bool = false) throws(SystemError) {
        let kind = datagrams ? SOCK_DGRAM : SOCK_STREAM
        let type = Int32(kind.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        // The family is that of addresses, of which this socket has none.
        socket = Socket(adopting: try retrying("socket") { Glibc.socket(AF_UNIX, type, 0) }, family: .ipv4)
    }

    private init(adopting descriptor: Int32) {
        socket = Socket(adopting: descriptor, family: .ipv4)
    }

    /// Listens at a path, for the owner only. A socket there whose process is dead is replaced; one that is alive, or a
    /// file of another kind, is an error.
    public static func listen(at path: String, backlog: Int32) throws(SystemError) -> LocalSocket {
        let listener = try LocalSocket()
        let descriptor = listener.socket.descriptor
        // The file gets the mode that the socket has when it is bound.
        _ = try retrying("fchmod \(path)") { fchmod(descriptor, 0o600) }
        do throws(SystemError) {
            try unsafe call("bind", path, descriptor) { unsafe Glibc.bind($0, $1, $2) }
        } catch  where error.code == EADDRINUSE {
            var status = stat()
            // Sound: one structure, and a path that ends in a 0.
            let isSocket = unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
            guard isSocket, isDead(path) else { throw error }
            unsafe unlink(path)
            try unsafe call("bind", path, descriptor) { unsafe Glibc.bind($0, $1, $2) }
        }
        try listener.socket.listen(backlog: backlog)
        return listener
    }

    /// Connects to whoever listens at a path, or, over datagrams, at an abstract name, which begins with @.
    public static func connect(to path: String, datagrams: Bool = false) throws(SystemError) -> LocalSocket {
        let client = try LocalSocket(datagrams: datagrams)
        let isAbstract = datagrams && path.utf8.first == UInt8(ascii: "@")
        try unsafe call("connect", path, client.socket.descriptor, isAbstract: isAbstract) {
            unsafe Glibc.connect($0, $1, $2)
        }
        return client
    }

    /// The next connection; nil where none waits.
    public func accept() throws(SystemError) -> LocalSocket? {
        while true {
            let accepted = clinux_accept(socket.descriptor, nil, nil)
            if accepted >= 0 { return LocalSocket(adopting: accepted) }
            if errno == EAGAIN { return nil }
            guard errno == EINTR || errno == ECONNABORTED else { throw SystemError("accept") }
        }
    }

    private static func isDead(_ path: String) -> Bool {
        do throws(SystemError) {
            _ = try connect(to: path)
            return false
        } catch {
            return error.code == ECONNREFUSED
        }
    }

    private static func call(
        _ name: String, _ path: String, _ descriptor: Int32, isAbstract: Bool = false,
        _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SystemError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else {
            throw SystemError("\(name) \(path)", refused: "The path is longer than \(room - 1) octets")
        }
        // Sound: the path has room, with a 0 behind it.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        if isAbstract {
            // An abstract name begins with a 0, and its size tells its end.
            address.sun_path.0 = 0
            size -= socklen_t(room - path.utf8.count)
        }
        _ = try retrying("\(name) \(path)") {
            // Sound: the structure may be seen as a sockaddr of its size.
            unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call(descriptor, $0, size) }
            }
        }
    }
}
