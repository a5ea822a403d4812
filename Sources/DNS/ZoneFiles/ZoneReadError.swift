/// Why a file could not be read, for the message of the error at its name.
public struct ZoneReadError: Error, Sendable {
    public let message: String

    public init(_ message: String) { self.message = message }
}
