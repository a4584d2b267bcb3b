import CountersignTransport
import Glibc
import Testing

@Suite struct DescriptorLimitTests {
    @Test func `the soft limit becomes the hard one`() {
        var before = rlimit()
        #expect(unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before) == 0)
        let raised = DescriptorLimit.raise()
        #expect(raised == Int(clamping: before.rlim_max))
        var after = rlimit()
        #expect(unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &after) == 0)
        #expect(after.rlim_cur == before.rlim_max)
        #expect(DescriptorLimit.raise() == raised)
    }
}
