// System calls that Swift's Glibc module does not import; nothing else belongs here.
//
// No system header is included, so that this module and Glibc never disagree about a type.
#ifndef CCOUNTERSIGN_SYSTEM_H
#define CCOUNTERSIGN_SYSTEM_H

#include <stdint.h>

/// What became ready: the descriptor can be read, can be written, its peer has ended its direction, or it is broken.
#define COUNTERSIGN_READABLE 1
#define COUNTERSIGN_WRITABLE 2
#define COUNTERSIGN_HANG_UP 4
#define COUNTERSIGN_BROKEN 8

typedef struct {
    uint64_t token;
    uint32_t readiness;
} countersign_event;

int countersign_epoll_create(void);
/// Registers `fd` edge-triggered for reading and writing with `token` as its event data.
int countersign_epoll_add(int epoll_fd, int fd, uint64_t token);
/// Registers `fd` level-triggered for reading.
int countersign_epoll_add_listener(int epoll_fd, int fd, uint64_t token);
int countersign_epoll_remove(int epoll_fd, int fd);
/// Fills at most `capacity` (up to 256) events; negative when interrupted.
int countersign_epoll_wait(int epoll_fd, countersign_event *events, int capacity, int timeout_ms);

int countersign_eventfd(void);
/// memfd_create(2): a close-on-exec descriptor of an empty file in memory; -1 with errno on failure.
int countersign_memory_file(void);
/// accept4(2), non-blocking and close-on-exec; `address` takes a sockaddr_storage.
int countersign_accept(int fd, void *address, uint32_t *length);
/// Who connected to a Unix socket, as the system saw it then (SO_PEERCRED); -1 with errno on failure.
int countersign_peer_credentials(int fd, int32_t *process, uint32_t *user, uint32_t *group);
/// A close-on-exec descriptor of that process (SO_PEERPIDFD, Linux 6.5); -1 with errno where there is none.
int countersign_peer_process(int fd);

/// What the system knows of one socket of TCP: its owner when it was made, its number, and its state (RFC 9293).
typedef struct {
    uint32_t user;
    uint32_t inode;
    uint8_t state;
} countersign_tcp_facts;

/// The socket of this network namespace with that address and that peer (sock_diag(7)); addresses have 4 or 16 bytes.
/// Returns -1 with errno: ENOENT when there is none, anything else when the system cannot be asked.
int countersign_tcp_socket(int ipv6, const uint8_t *address, uint16_t port, const uint8_t *peer_address,
                           uint16_t peer_port, countersign_tcp_facts *facts);

/// A process that has a descriptor of a socket.
typedef struct {
    int32_t process;
    int32_t descriptor;
} countersign_holder;

/// How much may be looked at to find who holds a socket.
typedef struct {
    /// Descriptors of the processes whose real user is the socket's; a process counts for one.
    int32_t descriptors;
    /// Nanoseconds of processor time for those, and for listing all processes.
    int64_t time;
    /// Nanoseconds of processor time for the processes of others.
    int64_t others_time;
} countersign_search_bounds;

/// Whether a process still has a descriptor of that socket, which was `descriptor`: 1, 0 when it has none or has ended, or -1
/// with errno when that cannot be told. Looks at no more others than the bounds of the socket's user leave, and takes them off;
/// E2BIG when the process has more.
int countersign_holds_socket(int process, uint32_t inode, int descriptor, countersign_search_bounds *bounds);

/// What came of looking for the processes that hold a socket.
typedef struct {
    /// How many were filled in.
    int32_t count;
    /// Whether there are processes of the user into which this one may not look.
    int32_t hidden;
    /// Whether processes of other users have more descriptors than were looked at, or there was no time for all of them.
    int32_t partial;
    /// errno of what kept this process from looking, as when it has no descriptor left; E2BIG when there is too much to look
    /// at; 0 when nothing did.
    int32_t error;
} countersign_holders;

/// Fills in at most `capacity` processes that have a descriptor of that socket, which `user` made.
///
/// The processes whose real user is that one come first; what they take is taken off the bounds. Of those of others only so many
/// descriptors of each process, of each user, and of all are looked at: what is beyond that, or beyond their time, is `partial`
/// and no error.
countersign_holders countersign_socket_holders(uint32_t inode, uint32_t user, countersign_search_bounds *bounds,
                                               countersign_holder *holders, int capacity);
void countersign_name_thread(const char *name);
/// pidfd_open(2): a close-on-exec descriptor that becomes readable when the process ends; -1 with errno on failure.
int countersign_pidfd_open(int pid);
/// pidfd_send_signal(2): 0, or -1 with errno.
int countersign_pidfd_signal(int descriptor, int signal);
int countersign_inotify_create(void);
/// Watches a folder for names that are made, replaced or removed in it, for its own end, and with `content` for files
/// that are written or given other rights; adds to what is watched there already.
int countersign_inotify_watch_folder(int fd, const char *path, int content);
int countersign_inotify_forget(int fd, int watch);
/// Watches a folder for files in it that are opened.
int countersign_inotify_watch_opens(int fd, const char *path);
/// The revision of the sources that was built; empty when the build does not tell.
const char *countersign_commit(void);

#endif
