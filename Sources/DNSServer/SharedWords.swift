import Glibc
import Synchronization

/// Numbers that several threads read and write without waiting for each other; what one writes another may write over.
@safe
final class SharedWords: @unchecked Sendable {
    private let memory: UnsafeMutableRawPointer
    private let base: UnsafeMutablePointer<Atomic<UInt64>>
    private let count: Int

    /// As many zeros, the first at the start of a line of the processor's cache. A page is touched when it is written to.
    init(count: Int) {
        precondition(count > 0)
        // Sound: room for `count` atomic numbers behind the next line, which are 0 as all their octets are, freed when
        // `self` ends; every access is compared with `count`, and only atomic.
        unsafe memory = calloc(count + 8, 8)!
        let line = unsafe memory.alignedUp(toMultipleOf: 64)
        unsafe base = unsafe line.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        self.count = count
    }

    deinit { unsafe free(memory) }

    @inline(__always)
    subscript(index: Int) -> UInt64 {
        get {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return unsafe base[index].load(ordering: .relaxed)
        }
        set {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            unsafe base[index].store(newValue, ordering: .relaxed)
        }
    }
}
