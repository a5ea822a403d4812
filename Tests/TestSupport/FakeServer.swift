@_exported public import DNSTesting

/// A name server that does what a test says, however wrong.
public typealias FakeServer = TestServer
