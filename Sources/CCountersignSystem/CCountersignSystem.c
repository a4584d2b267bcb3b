#define _GNU_SOURCE 1

#include "CCountersignSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

enum { MAX_EVENTS = 256 };

int countersign_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int countersign_epoll_add(int epoll_fd, int fd, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u64 = token}};
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

int countersign_epoll_add_listener(int epoll_fd, int fd, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = token}};
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

int countersign_epoll_remove(int epoll_fd, int fd) { return epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, 0); }

int countersign_epoll_wait(int epoll_fd, countersign_event *events, int capacity, int timeout_ms) {
    struct epoll_event ready[MAX_EVENTS];
    int count = epoll_wait(epoll_fd, ready, capacity < MAX_EVENTS ? capacity : MAX_EVENTS, timeout_ms);
    for (int i = 0; i < count; i++) {
        uint32_t flags = ready[i].events;
        uint32_t readiness = 0;
        if (flags & EPOLLIN) readiness |= COUNTERSIGN_READABLE;
        if (flags & EPOLLOUT) readiness |= COUNTERSIGN_WRITABLE;
        if (flags & EPOLLRDHUP) readiness |= COUNTERSIGN_HANG_UP | COUNTERSIGN_READABLE;
        if (flags & (EPOLLHUP | EPOLLERR)) readiness |= COUNTERSIGN_BROKEN | COUNTERSIGN_HANG_UP | COUNTERSIGN_READABLE;
        events[i].token = ready[i].data.u64;
        events[i].readiness = readiness;
    }
    return count;
}

int countersign_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int countersign_memory_file(void) { return memfd_create("countersign", MFD_CLOEXEC); }

int countersign_accept(int fd, void *address, uint32_t *length) {
    return accept4(fd, (struct sockaddr *)address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int countersign_peer_credentials(int fd, int32_t *process, uint32_t *user, uint32_t *group) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    *process = credentials.pid;
    *user = credentials.uid;
    *group = credentials.gid;
    return 0;
}

// Newer than the headers of some systems whose kernel has it.
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

int countersign_peer_process(int fd) {
    int process = -1;
    socklen_t length = sizeof process;
    return getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &process, &length) == 0 ? process : -1;
}

int countersign_tcp_socket(int ipv6, const uint8_t *address, uint16_t port, const uint8_t *peer_address,
                           uint16_t peer_port, countersign_tcp_facts *facts) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0) return -1;
    struct timeval limit = {.tv_sec = 2};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 body;
    } request;
    memset(&request, 0, sizeof request);
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.body.sdiag_family = ipv6 ? AF_INET6 : AF_INET;
    request.body.sdiag_protocol = IPPROTO_TCP;
    request.body.idiag_states = ~0u;
    request.body.id.idiag_sport = htons(port);
    request.body.id.idiag_dport = htons(peer_port);
    memcpy(request.body.id.idiag_src, address, ipv6 ? 16 : 4);
    memcpy(request.body.id.idiag_dst, peer_address, ipv6 ? 16 : 4);
    request.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    request.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    int result = -1;
    union {
        struct nlmsghdr header;
        char bytes[8192];
    } answer;
    ssize_t length = -1;
    if (send(fd, &request, sizeof request, 0) == (ssize_t)sizeof request) length = recv(fd, &answer, sizeof answer, 0);
    if (length >= (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg)) && NLMSG_OK(&answer.header, (size_t)length) &&
        answer.header.nlmsg_type == SOCK_DIAG_BY_FAMILY) {
        const struct inet_diag_msg *message = NLMSG_DATA(&answer.header);
        // A listening socket answers for connections that there are not.
        if (message->id.idiag_sport == htons(port) && message->id.idiag_dport == htons(peer_port)) {
            facts->user = message->idiag_uid;
            facts->inode = message->idiag_inode;
            facts->state = message->idiag_state;
            result = 0;
        }
    }
    int reason = errno;
    close(fd);
    errno = result == 0 ? 0 : length < 0 ? reason : ENOENT;
    return result;
}

void countersign_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int countersign_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int countersign_pidfd_signal(int descriptor, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
}

int countersign_inotify_create(void) { return inotify_init1(IN_CLOEXEC); }

int countersign_inotify_watch_folder(int fd, const char *path, int content) {
    uint32_t mask = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;
    if (content) mask |= IN_CLOSE_WRITE | IN_ATTRIB;
    return inotify_add_watch(fd, path, mask | IN_ONLYDIR | IN_MASK_ADD);
}

int countersign_inotify_watch_opens(int fd, const char *path) { return inotify_add_watch(fd, path, IN_OPEN); }
int countersign_inotify_forget(int fd, int watch) { return inotify_rm_watch(fd, watch); }

#ifndef COUNTERSIGN_COMMIT
#define COUNTERSIGN_COMMIT ""
#endif

const char *countersign_commit(void) { return COUNTERSIGN_COMMIT; }
