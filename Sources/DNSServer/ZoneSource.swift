public import DNS
import Linux

/// A zone file and the name of the zone that it defines.
public struct ZoneSource: Hashable, Sendable {
    public let path: String
    public let origin: Name

    public init(path: String, origin: Name) {
        self.path = path
        self.origin = origin
    }

    /// A zone has one file, as a rule, and its name is shorter than the path.
    public func hash(into hasher: inout Hasher) { hasher.combine(origin) }
}

/// A file or directory that could not be taken as the user gave it.
public struct ZonePathError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: String
    public let message: String
    /// Nothing is there.
    public let isMissing: Bool

    public var description: String { "\(path): \(message)" }
}

/// Where zones are found: a zone file, `ORIGIN=FILE`, or a directory of `NAME.zone` files.
public struct ZonePath: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    static let suffix = ".zone"
    /// The root's name without its dots is empty, so its file is named in a word.
    private static let rootFile = "root"

    public init(_ text: String) {
        description = text
    }

    /// The error of a path where nothing is; nil where something is.
    public var missing: ZonePathError? {
        do throws(ZonePathError) {
            _ = try Self.kind(place)
            return nil
        } catch {
            return error.isMissing ? error : nil
        }
    }

    /// The file or directory that is meant, and the origin that was given for it: what has the whole text as its path goes
    /// before ORIGIN=PATH.
    private var target: (path: String, origin: String?) {
        guard let equals = description.firstIndex(of: "="), (try? File.kind(description)) == nil else {
            return (description, nil)
        }
        return (String(description[description.index(after: equals)...]), String(description[..<equals]))
    }

    /// What is to be watched.
    var place: String { target.path }

    /// Whether it is a directory now.
    var isDirectory: Bool { (try? File.kind(description)) == .directory }

    /// The zone files that are there now, sorted by the octets of their names. What is no zone file in a directory is passed
    /// over; a file whose name is no domain name is an error that leaves the others alone.
    public func sources() -> (sources: [ZoneSource], errors: [ZonePathError]) {
        let (path, origin) = target
        do throws(ZonePathError) {
            switch try Self.kind(path) {
            case .directory where origin == nil: return try directorySources()
            case .regular:
                let name = String(path.split(separator: "/").last ?? "")
                return ([try source(path, origin ?? Self.origin(ofFile: name))], [])
            default:
                let wanted = origin == nil ? "neither a regular file nor a directory" : "not a regular file"
                throw ZonePathError(path: path, message: wanted, isMissing: false)
            }
        } catch {
            return ([], [error])
        }
    }

    private func directorySources() throws(ZonePathError) -> (sources: [ZoneSource], errors: [ZonePathError]) {
        var sources: [ZoneSource] = []
        var errors: [ZonePathError] = []
        // What cannot be looked up fails when it is read.
        let names = try Self.at(description) { path throws(SystemError) in try File.names(in: path, directories: false)
        }
        for name in names where Self.isZoneFile(name) {
            do throws(ZonePathError) {
                sources.append(try source(named: name))
            } catch {
                errors.append(error)
            }
        }
        return (sources, errors)
    }

    /// The zone of a file in the directory, whether it is there or not.
    func source(named name: String) throws(ZonePathError) -> ZoneSource {
        let path = description.hasSuffix("/") ? description + name : "\(description)/\(name)"
        return try source(path, Self.origin(ofFile: name))
    }

    private func source(_ path: String, _ text: String) throws(ZonePathError) -> ZoneSource {
        if let origin = try? Name(text) { return ZoneSource(path: path, origin: origin) }
        let message = "\(text) is not a domain name; use ORIGIN=PATH to give one"
        throw ZonePathError(path: path, message: message, isMissing: false)
    }

    private static func origin(ofFile name: String) -> String {
        let stem = name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
        return stem == rootFile ? "." : stem
    }

    static func isZoneFile(_ name: String) -> Bool {
        name.hasSuffix(suffix) && name.utf8.count > suffix.utf8.count && name.first != "." && name.first != "#"
    }

    /// Whether what is there could be a zone file: it is no directory.
    static func isFile(_ path: String) -> Bool {
        (try? File.status(path, followsLinks: false)) != nil && (try? File.kind(path)) != .directory
    }

    /// Whether what was found here before stays, though it is not found now: the place itself cannot be seen, a directory,
    /// or where a file was. It is more likely away for a moment than emptied.
    func keeps(_ source: ZoneSource, after errors: [ZonePathError]) -> Bool {
        if errors.isEmpty { return false }
        let place = place
        guard let error = errors.first(where: { $0.path == place }) else { return false }
        if source.path == place { return !error.isMissing || (try? File.kind(File.parent(of: place))) == nil }
        return source.path.hasPrefix(place.hasSuffix("/") ? place : place + "/")
    }

    private static func kind(_ path: String) throws(ZonePathError) -> File.Kind {
        try at(path) { path throws(SystemError) in try File.kind(path) }
    }

    private static func at<Result>(
        _ path: String, _ body: (_ path: String) throws(SystemError) -> Result
    ) throws(ZonePathError) -> Result {
        do throws(SystemError) {
            return try body(path)
        } catch {
            throw ZonePathError(path: path, message: error.message, isMissing: error.isMissing)
        }
    }
}
