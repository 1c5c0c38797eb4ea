internal import CLinux

extension SystemThread {
    /// Makes the calling thread give way to others of its processor, at once and whenever they have something to do: the kernel's
    /// policy `SCHED_IDLE` (sched(7)), with three thousandths of a processor that others want all of. Threads that it starts from now
    /// on inherit this. Without privileges there is no way back.
    public static func giveWay() throws(SystemError) {
        _ = try SystemError.check(cl_thread_give_way())
    }
}
