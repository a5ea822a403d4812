public import DNS
public import Linux

/// Names and addresses of a file such as /etc/hosts (hosts(5)).
public struct Hosts: Hashable, Sendable {
    public static let systemPath = "/etc/hosts"

    private var addresses: [Name: [SocketAddress]] = [:]
    private var names: [SocketAddress: [Name]] = [:]

    public init() {}

    /// The system's. A file that is not there is as good as an empty one.
    public static func system(path: String = systemPath) throws(SystemError) -> Hosts {
        do throws(SystemError) {
            let file = try File.read(path, limit: Limits.hostsFile)
            return Hosts(parsing: String(decoding: file.octets, as: UTF8.self))
        } catch {
            guard error.isMissing else { throw error }
            return Hosts()
        }
    }

    /// Lines of an address and its names, the canonical one first; # begins a comment. What is not understood is
    /// passed over.
    public init(parsing text: String) {
        for line in text.utf8.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let words = line.prefix { $0 != 0x23 }.split { $0 == 0x20 || $0 == 0x09 }
            guard let first = words.first, let address = SocketAddress(host: Substring(first), port: 0) else {
                continue
            }
            for word in words.dropFirst() {
                guard let name = try? Name(String(Substring(word))) else { continue }
                if addresses[name]?.contains(address) != true { addresses[name, default: []].append(address) }
                if names[address]?.contains(name) != true { names[address, default: []].append(name) }
            }
        }
    }

    /// The addresses of a name, in the file's order; empty where it has none.
    public func addresses(of name: Name, port: UInt16 = 0) -> [SocketAddress] {
        (addresses[name] ?? []).map { $0.with(port: port) }
    }

    /// The names of an address, in the file's order.
    public func names(of address: SocketAddress) -> [Name] { names[address.withoutPort] ?? [] }
}
