import DNS
import DNSClient
import Linux

/// EDNS options in words.
enum OptionText {
    static func text(of option: EDNS.Option) -> String {
        let data = option.data
        let hex = Hexadecimal.text(data)
        switch option.code {
        case .nameServerIdentifier where data.isEmpty: return "NSID"
        case .nameServerIdentifier: return "NSID: \(hex) (\(String(decoding: data, as: UTF8.self)))"
        case .clientSubnet:
            guard data.count >= 4, let network = network(data) else { break }
            return "client subnet: \(network)/\(data[2]), scope \(data[3])"
        case .cookie: return "cookie: \(hex)"
        case .expire where data.count == 4: return "expires in \(data.reduce(0) { $0 << 8 | Int($1) }) s"
        case .tcpKeepalive where data.count == 2:
            return "TCP idle time-out: \((Int(data[0]) << 8 | Int(data[1])) * 100) ms"
        case .padding: return "padding: \(data.count) octets"
        case .extendedError:
            var edns = EDNS()
            edns.options = [option]
            return edns.extendedErrors.first.map(text) ?? "extended error: \(hex)"
        case .zoneVersion where data.count == 6 && data[1] == 0:
            return "zone version: serial \(data[2...].reduce(0) { $0 << 8 | Int($1) }), \(data[0]) labels"
        default: break
        }
        return "EDNS option \(option.code.rawValue): \(hex)"
    }

    private static func network(_ data: [UInt8]) -> String? {
        let size = data[1] == 1 ? 4 : 16
        guard data[0] == 0, 1...2 ~= data[1], data.count - 4 <= size else { return nil }
        let octets = Array(data[4...]) + [UInt8](repeating: 0, count: size - (data.count - 4))
        return SocketAddress(octets: octets, port: 0)?.host
    }

    static func text(of error: ExtendedError) -> String {
        let text = error.text.isEmpty ? "" : ": \(error.text)"
        return "extended error \(error.code.rawValue), \(error.code)\(text)"
    }
}
