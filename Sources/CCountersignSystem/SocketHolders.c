#define _GNU_SOURCE 1

#include "CCountersignSystem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/// The descriptors of a process, and what is looked for among them.
typedef struct {
    /// `/proc/PID/fd`, in which the place of a descriptor is its number behind those of `.` and `..`.
    int folder;
    /// The processor time of this thread at which to stop.
    int64_t end;
    char name[32];
} fd_search;

static int64_t time_used(void) {
    struct timespec time = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/// Whether the descriptor of that name is the socket, or -1 with errno.
static int is_socket(const fd_search *search, const char *descriptor) {
    char target[sizeof search->name];
    size_t length = strlen(search->name);
    ssize_t count = readlinkat(search->folder, descriptor, target, sizeof target);
    if (count < 0) return errno == ENOENT || errno == ESRCH ? 0 : -1;
    return (size_t)count == length && memcmp(target, search->name, length) == 0;
}

/// Looks at the descriptors from `*next` up to those below `end`, in the order of their numbers, as far as the budget reaches.
///
/// Whether one of them is the socket, or -1 with errno. `*next` is that one, or the number up to which was looked at: `end`
/// unless the budget or the time was used up.
static int look_up(const fd_search *search, int *next, int end, int *budget) {
    if (lseek(search->folder, (off_t)*next + 2, SEEK_SET) < 0) return -1;
    _Alignas(struct dirent64) char bytes[4096];
    while (*budget > 0 && time_used() < search->end) {
        ssize_t length = getdents64(search->folder, bytes, sizeof bytes);
        if (length < 0 && errno != ENOENT) return -1;
        if (length <= 0) {
            *next = end;
            return 0;
        }
        const struct dirent64 *entry;
        for (ssize_t place = 0; place < length && *budget > 0; place += entry->d_reclen) {
            entry = (const struct dirent64 *)(bytes + place);
            *next = atoi(entry->d_name);
            if (*next >= end) {
                *next = end;
                return 0;
            }
            *budget -= 1;
            int result = is_socket(search, entry->d_name);
            if (result != 0) return result;
            *next += 1;
        }
    }
    return 0;
}

/// The lowest descriptor from `number` up to those below `end`, or -1; takes one off the budget.
static int first_from(const fd_search *search, int number, int end, int *budget) {
    *budget -= 1;
    // Of the size of one entry, so that the system prepares no others.
    _Alignas(struct dirent64) char bytes[32];
    if (lseek(search->folder, (off_t)number + 2, SEEK_SET) < 0) return -1;
    if (getdents64(search->folder, bytes, sizeof bytes) <= 0) return -1;
    int first = atoi(((const struct dirent64 *)bytes)->d_name);
    return first < end ? first : -1;
}

/// The highest descriptor from `start` up to those below `end`, or -1; one that is not the highest where the budget is too small.
static int highest_from(const fd_search *search, int start, int end, int *budget) {
    int known = first_from(search, start, end, budget);
    if (known < 0) return -1;
    int none = end;
    for (int step = 1; *budget > 0 && step < none - known; step = step < INT_MAX / 2 ? step * 2 : step) {
        int found = first_from(search, known + step, end, budget);
        if (found < 0) {
            none = known + step;
            break;
        }
        known = found;
    }
    while (*budget > 0 && none - known > 1) {
        int middle = known + (none - known) / 2;
        int found = first_from(search, middle, end, budget);
        if (found < 0)
            none = middle;
        else
            known = found;
    }
    return known;
}

/// Looks at the highest descriptors from `start` on, and lower ones as far as the budget reaches: whether one of them is the
/// socket, or -1 with errno. `*found` is that one; `partial` becomes 1 where there are more than was looked at.
static int look_down(const fd_search *search, int start, int *budget, int *found, int *partial) {
    int end = INT_MAX;
    while (*budget > 0) {
        int highest = highest_from(search, start, end, budget);
        if (highest < 0) return 0;
        // Among so many numbers there are no more descriptors than may be looked at.
        int from = highest - start < *budget ? start : highest - *budget + 1;
        *found = from;
        int result = look_up(search, found, end, budget);
        if (result != 0) return result;
        if (*found < end) break;
        if (from == start) return 0;
        end = from;
    }
    *partial = 1;
    return 0;
}

/// Whether a process has a descriptor of that socket, which is `*found`, or -1 with errno. Looks at no more than `budget`
/// descriptors, and takes them off it; where there are more, at the lowest and the highest ones, and `partial` becomes 1.
static int holds_socket(int process, uint32_t inode, int64_t end, int *budget, int *found, int *partial) {
    fd_search search = {.end = end};
    char path[32];
    snprintf(search.name, sizeof search.name, "socket:[%u]", inode);
    snprintf(path, sizeof path, "/proc/%d/fd", process);
    search.folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (search.folder < 0) return errno == ENOENT || errno == ESRCH ? 0 : -1;
    struct stat facts;
    // How many there are is told since Linux 6.2; before that it is always 0.
    int64_t total = fstat(search.folder, &facts) == 0 ? (int64_t)facts.st_size : 0;
    int high = total == 0 || total > *budget ? *budget / 2 : 0;
    int low = *budget - high;
    *found = 0;
    int result = look_up(&search, found, INT_MAX, &low);
    int budgets = low + high;
    if (result == 0 && *found < INT_MAX) {
        if (budgets > 0)
            result = look_down(&search, *found, &budgets, found, partial);
        else
            *partial = 1;
    }
    int reason = errno;
    *budget = budgets;
    close(search.folder);
    errno = reason;
    return result;
}

int countersign_holds_socket(int process, uint32_t inode, int descriptor, countersign_search_bounds *bounds) {
    char path[48], name[32], target[32];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", process, descriptor);
    int length = snprintf(name, sizeof name, "socket:[%u]", inode);
    if (readlink(path, target, sizeof target) == length && memcmp(target, name, (size_t)length) == 0) return 1;
    // It may be of another number by now.
    int64_t end = time_used() + bounds->time;
    int found, partial = 0;
    int result = holds_socket(process, inode, end, &bounds->descriptors, &found, &partial);
    int reason = result < 0 ? errno : E2BIG;
    bounds->time = end - time_used();
    errno = reason;
    return result == 0 && partial ? -1 : result;
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
/// root's, and of all other users together; and how many users are counted apart. A process itself counts for one.
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

/// What is looked for, and how much may be looked at for that.
typedef struct {
    uint32_t inode;
    uint32_t user;
    /// The processor time of this thread at which to stop.
    int64_t end;
    /// How many descriptors of the user's own processes are left to look at; a process counts for one.
    int32_t own;
    foreign_budgets others;
} holder_search;

/// Whether a process of the socket's user has a descriptor of it; -1 with E2BIG when the user has more than may be looked at.
static int owner_holds_socket(holder_search *search, int process, int *found) {
    int partial = search->own <= 0;
    search->own -= 1;
    int result = partial ? 0 : holds_socket(process, search->inode, search->end, &search->own, found, &partial);
    if (result != 0 || !partial) return result;
    errno = E2BIG;
    return -1;
}

/// Whether a process of another user than the socket's has a descriptor of it, as far as the budgets reach.
static int foreigner_holds_socket(holder_search *search, int process, uint32_t user, int *found, int *partial) {
    int *of_user = budget_of(user, &search->others);
    int most = smaller(*of_user, PROCESS_DESCRIPTORS);
    if (user != 0) most = smaller(most, search->others.all);
    if (most <= 0) {
        *partial = 1;
        return 0;
    }
    int left = most;
    int holds = holds_socket(process, search->inode, search->end, &left, found, partial);
    int used = most - left + 1;
    *of_user -= used;
    if (user != 0) search->others.all -= used;
    return holds;
}

/// A process of another user than the socket's.
typedef struct {
    int process;
    uint32_t user;
} foreign_process;

typedef struct {
    foreign_process *members;
    size_t count;
    size_t room;
} foreign_processes;

/// Adds one; -1 with errno when there is no memory for it.
static int add(foreign_processes *list, foreign_process process) {
    if (list->count == list->room) {
        size_t room = list->room > 0 ? list->room * 2 : 256;
        foreign_process *members = reallocarray(list->members, room, sizeof *members);
        if (!members) return -1;
        list->members = members;
        list->room = room;
    }
    list->members[list->count++] = process;
    return 0;
}

/// Where the holders go that are found.
typedef struct {
    countersign_holders facts;
    countersign_holder *holders;
    int capacity;
} findings;

/// Takes what came of looking at a process: whether it holds the socket, or -1 with errno.
static void take(findings *found, int holds, int process, int descriptor, int is_own) {
    if (holds > 0)
        found->holders[found->facts.count++] = (countersign_holder){.process = process, .descriptor = descriptor};
    if (holds >= 0 || errno == ENOENT || errno == ESRCH) return;
    if (errno != EACCES && errno != EPERM)
        found->facts.error = errno;
    else if (is_own)
        // A process of somebody else that may not be looked at says nothing of whether one of the user's has the socket.
        found->facts.hidden = 1;
}

static int is_open(const findings *found) { return found->facts.error == 0 && found->facts.count < found->capacity; }

/// Looks at the processes of the socket's user, and puts those of others down.
static void look_at_own(DIR *folder, holder_search *search, findings *found, foreign_processes *others) {
    const struct dirent *entry;
    while (is_open(found) && (entry = readdir(folder))) {
        int process = atoi(entry->d_name);
        if (process <= 0) continue;
        if (time_used() >= search->end) {
            found->facts.error = E2BIG;
            return;
        }
        uint32_t owner = search->user;
        int descriptor = -1;
        int result = process_user(dirfd(folder), entry->d_name, search->user, &owner);
        int is_own = owner == search->user;
        if (result == 0)
            result = is_own ? owner_holds_socket(search, process, &descriptor)
                            : add(others, (foreign_process){.process = process, .user = owner});
        take(found, result, process, descriptor, is_own);
    }
}

/// Looks at the processes of others, as far as budgets and time reach: none of them keeps the user from being looked up.
static void look_at_others(const foreign_processes *others, holder_search *search, findings *found) {
    for (size_t position = 0; position < others->count && is_open(found); position++) {
        if (time_used() >= search->end) {
            found->facts.partial = 1;
            return;
        }
        foreign_process other = others->members[position];
        int descriptor = -1;
        int holds = foreigner_holds_socket(search, other.process, other.user, &descriptor, &found->facts.partial);
        take(found, holds, other.process, descriptor, 0);
    }
}

countersign_holders countersign_socket_holders(uint32_t inode, uint32_t user, countersign_search_bounds *bounds,
                                               countersign_holder *holders, int capacity) {
    findings found = {.holders = holders, .capacity = capacity};
    DIR *folder = opendir("/proc");
    if (!folder) {
        found.facts.error = errno;
        return found.facts;
    }
    holder_search search = {
        .inode = inode,
        .user = user,
        .end = time_used() + bounds->time,
        .own = bounds->descriptors,
        .others = {.root = ROOT_DESCRIPTORS, .all = FOREIGN_DESCRIPTORS},
    };
    foreign_processes others = {0};
    look_at_own(folder, &search, &found, &others);
    closedir(folder);
    bounds->time = search.end - time_used();
    bounds->descriptors = search.own;
    search.end = time_used() + bounds->others_time;
    look_at_others(&others, &search, &found);
    free(others.members);
    return found.facts;
}
