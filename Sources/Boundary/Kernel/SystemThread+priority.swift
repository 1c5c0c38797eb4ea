internal import CLinux

extension SystemThread {
    /// Makes the calling thread give way to others of its processor: a nice value of 19, with a seventieth of a processor that others
    /// want all of. Threads that it starts from now on inherit this. Without privileges there is no way back.
    ///
    /// Beside threads that take short turns it is interrupted as soon as one of them wakes, as under `SCHED_IDLE`; that one would have
    /// left it a third of a percent, so that a busy neighbour could hold up a reload, or an exit, for minutes.
    public static func giveWay() throws(SystemError) {
        _ = try SystemError.check(cl_thread_give_way())
    }

    /// Makes the calling thread ask for turns of this length at its processor, in nanoseconds: the kernel lets a thread with short
    /// turns run the sooner when it wakes (sched_setattr(2), from Linux 6.12 on; an older kernel takes no notice). Its share of the
    /// processor stays the same.
    public static func takeShortTurns(ofNanoseconds nanoseconds: UInt64) throws(SystemError) {
        _ = try SystemError.check(cl_thread_take_short_turns(nanoseconds))
    }
}
