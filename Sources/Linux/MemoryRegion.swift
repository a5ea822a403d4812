import CLinux
import Glibc

/// Zeroed memory of its own, in pages of 2 MiB where the kernel has them; given back at the end.
@safe
public struct MemoryRegion: ~Copyable, @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    /// How many octets can be used.
    public let count: Int
    private let mapped: Int

    private static let hugePage = 2 << 20
    private static let pageSize = 1 << 12

    public init(octets count: Int) throws(SystemError) {
        precondition(count > 0)
        // A mapping is aligned to 4 KiB only: one huge page more lets the region start on one.
        let large = count >= Self.hugePage
        let mapped = large ? count + Self.hugePage : count
        let base = unsafe mmap(nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let base = unsafe base, unsafe base != MAP_FAILED else { throw SystemError("mmap \(mapped) octets") }
        unsafe self.base = base
        self.count = count
        self.mapped = mapped
        if large {
            // Sound: the range is inside the mapping. It is advice: without huge pages all works as well. What does not
            // fill one at the end has small ones, so that no more memory is taken than used.
            _ = unsafe madvise(start, count / Self.hugePage * Self.hugePage, MADV_HUGEPAGE)
        }
    }

    private var start: UnsafeMutableRawPointer {
        guard mapped > count else { return unsafe base }
        // Sound: the next boundary lies within the one huge page that was mapped besides `count`.
        return unsafe base.alignedUp(toMultipleOf: Self.hugePage)
    }

    public var mutableOctets: MutableSpan<UInt8> {
        @_lifetime(&self)
        mutating get {
            // Sound: `count` octets lie behind `start` as long as the region, whose exclusive access the span carries on.
            let octets = unsafe MutableSpan(_unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: count)
            return unsafe _overrideLifetime(octets, mutating: &self)
        }
    }

    /// Lends the memory. The pointer is good as long as the region.
    @unsafe
    public borrowing func withUnsafeMutableBytes<Result>(
        _ body: (UnsafeMutableRawBufferPointer) -> Result
    ) -> Result {
        unsafe body(UnsafeMutableRawBufferPointer(start: start, count: count))
    }

    /// Gives the pages of a part of a region back to the system, which fills them with zeros when they are used again.
    @unsafe
    public static func discard(_ start: UnsafeMutableRawPointer, count: Int) {
        let first = unsafe start.alignedUp(toMultipleOf: pageSize)
        let end = unsafe start.advanced(by: count).alignedDown(toMultipleOf: pageSize)
        if unsafe first >= end { return }
        // Sound: whole pages of what the caller gives up.
        _ = unsafe madvise(first, first.distance(to: end), MADV_DONTNEED)
    }

    deinit {
        // Sound: mapped by init with this size, unmapped once.
        unsafe munmap(base, mapped)
    }
}
