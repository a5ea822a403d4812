import Synchronization

/// Numbers that several threads read and write without waiting for each other; what one writes another may write over.
@safe
final class SharedWords: @unchecked Sendable {
    private let base: UnsafeMutablePointer<Atomic<UInt64>>
    private let count: Int

    /// As many zeros, the first at the start of a line of the processor's cache.
    init(count: Int) {
        precondition(count > 0)
        // Sound: `count` atomic numbers, initialised here, freed when `self` ends; every access is compared with `count`,
        // and only atomic.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * 8, alignment: 64)
        unsafe base = unsafe memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        for index in 0..<count { unsafe (base + index).initialize(to: Atomic(0)) }
        self.count = count
    }

    deinit {
        unsafe base.deinitialize(count: count)
        unsafe base.deallocate()
    }

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
