#define _GNU_SOURCE 1

#include "CCountersignSystem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
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

/// Looks at up to `budget` of the descriptors that follow in a folder, and takes them off it: whether one is that socket, or -1
/// with errno.
static int finds_socket(DIR *folder, const char *name, int *budget) {
    char target[32];
    ssize_t length = (ssize_t)strlen(name);
    const struct dirent *entry;
    while (*budget > 0 && (entry = readdir(folder))) {
        *budget -= 1;
        ssize_t count = readlinkat(dirfd(folder), entry->d_name, target, sizeof target);
        if (count == length && memcmp(target, name, (size_t)length) == 0) return 1;
        if (count < 0 && errno == EACCES) return -1;
    }
    return 0;
}

/// Whether a process has a descriptor of that socket, or -1 with errno. Looks at no more than `budget` descriptors, and takes
/// them off it; where there are more, at the lowest and the highest ones, and `partial` becomes 1.
static int holds_socket(int process, uint32_t inode, int *budget, int *partial) {
    char path[32], name[32];
    snprintf(name, sizeof name, "socket:[%u]", inode);
    snprintf(path, sizeof path, "/proc/%d/fd", process);
    DIR *folder = opendir(path);
    if (!folder) return errno == ENOENT || errno == ESRCH ? 0 : -1;
    struct stat facts;
    // How many there are is told since Linux 6.2; before that the highest ones are not found.
    long total = fstat(dirfd(folder), &facts) == 0 ? (long)facts.st_size : 0;
    int high = total > *budget ? *budget / 2 : 0;
    int low = *budget - high;
    int result = finds_socket(folder, name, &low);
    if (result == 0 && low == 0 && readdir(folder)) {
        *partial = 1;
        // The place of a descriptor in the folder is its number behind those of `.` and `..`.
        seekdir(folder, total - high + 2);
        result = finds_socket(folder, name, &high);
    }
    int reason = errno;
    *budget = low + high;
    closedir(folder);
    errno = reason;
    return result;
}

int countersign_holds_socket(int process, uint32_t inode) {
    int budget = INT_MAX, partial = 0;
    return holds_socket(process, inode, &budget, &partial);
}

/// Whose a process is, by its folder and, where that says it is `owner`'s or root's, by its real user: a program that runs as
/// another user by the rights of its file leaves that as it was, and so does not become the other's to account for.
/// -1 with errno when that cannot be told.
static int process_user(int proc, const char *name, uint32_t owner, uint32_t *user) {
    struct stat facts;
    if (fstatat(proc, name, &facts, 0) != 0) return -1;
    *user = facts.st_uid;
    if (facts.st_uid != 0 && facts.st_uid != owner) return 0;
    char path[32], text[1024];
    snprintf(path, sizeof path, "%.16s/status", name);
    int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == EACCES || errno == EPERM ? 0 : -1;
    ssize_t count = read(fd, text, sizeof text - 1);
    int reason = errno;
    close(fd);
    errno = reason;
    if (count < 0) return -1;
    text[count] = 0;
    const char *line = strstr(text, "\nUid:");
    unsigned int real;
    if (line && sscanf(line, "\nUid: %u", &real) == 1) *user = real;
    return 0;
}

/// How many descriptors are looked at to find a socket that another user made: of one process, of all processes of one user, of
/// root's, and of all other users together; and how many users are counted apart.
enum {
    PROCESS_DESCRIPTORS = 2048,
    USER_DESCRIPTORS = 4096,
    ROOT_DESCRIPTORS = 32768,
    FOREIGN_DESCRIPTORS = 16384,
    FOREIGN_USERS = 64
};

typedef struct {
    uint32_t user;
    int left;
} descriptor_budget;

typedef struct {
    descriptor_budget users[FOREIGN_USERS];
    int count;
    int root;
    int all;
} foreign_budgets;

static int *budget_of(uint32_t user, foreign_budgets *budgets) {
    if (user == 0) return &budgets->root;
    for (int position = 0; position < budgets->count; position++)
        if (budgets->users[position].user == user) return &budgets->users[position].left;
    // Those who come when all places are taken share the last one.
    if (budgets->count == FOREIGN_USERS) return &budgets->users[FOREIGN_USERS - 1].left;
    budgets->users[budgets->count] = (descriptor_budget){.user = user, .left = USER_DESCRIPTORS};
    return &budgets->users[budgets->count++].left;
}

static int smaller(int one, int other) { return one < other ? one : other; }

/// Whether a process of another user than the socket's has a descriptor of it, as far as the budgets reach.
static int foreigner_holds_socket(int process, uint32_t inode, uint32_t user, foreign_budgets *budgets, int *partial) {
    int *own = budget_of(user, budgets);
    int most = smaller(*own, PROCESS_DESCRIPTORS);
    if (user != 0) most = smaller(most, budgets->all);
    if (most <= 0) {
        *partial = 1;
        return 0;
    }
    int left = most;
    int holds = holds_socket(process, inode, &left, partial);
    *own -= most - left;
    if (user != 0) budgets->all -= most - left;
    return holds;
}

countersign_holders countersign_socket_holders(uint32_t inode, uint32_t user, int32_t *processes, int capacity) {
    countersign_holders found = {0};
    DIR *folder = opendir("/proc");
    if (!folder) {
        found.error = errno;
        return found;
    }
    foreign_budgets budgets = {.root = ROOT_DESCRIPTORS, .all = FOREIGN_DESCRIPTORS};
    const struct dirent *entry;
    while (found.error == 0 && found.count < capacity && (entry = readdir(folder))) {
        int process = atoi(entry->d_name);
        if (process <= 0) continue;
        uint32_t owner = user;
        int holds = process_user(dirfd(folder), entry->d_name, user, &owner);
        if (holds == 0) {
            int unbounded = INT_MAX;
            holds = owner == user ? holds_socket(process, inode, &unbounded, &found.partial)
                                  : foreigner_holds_socket(process, inode, owner, &budgets, &found.partial);
        }
        if (holds > 0) processes[found.count++] = process;
        if (holds >= 0 || errno == ENOENT || errno == ESRCH) continue;
        if (errno == EACCES || errno == EPERM)
            found.hidden = 1;
        else
            found.error = errno;
    }
    closedir(folder);
    return found;
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
