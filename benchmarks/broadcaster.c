/* The limit: relays each line to all others, everything of one turn in one send(), and keeps
 * nothing. Usage: broadcaster PORT (0 takes a free one of the loopback interface). */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define MOST 65536 /* descriptors */
#define CHUNK 65536

struct bytes {
    char *data;
    size_t size, room;
};

struct member {
    struct bytes unread; /* the start of a line */
    struct bytes unsent; /* what the socket did not take */
    int spoke;
};

struct line {
    size_t start, end;
    int author;
};

static struct member members[MOST];
static int present[MOST], people;
static struct bytes turn;
static struct line *lines;
static size_t line_count, line_room;
static int epoll;

static void append(struct bytes *to, const char *data, size_t size) {
    if (to->size + size > to->room) {
        to->room = 2 * (to->size + size);
        to->data = realloc(to->data, to->room);
    }
    memcpy(to->data + to->size, data, size);
    to->size += size;
}

static void forget(struct bytes *gone) {
    free(gone->data);
    *gone = (struct bytes){0};
}

static void watch(int fd, int how, unsigned what) {
    struct epoll_event event = {.events = what, .data.fd = fd};
    epoll_ctl(epoll, how, fd, &event);
}

static void leave(int fd) {
    int place = 0;
    while (present[place] != fd)
        place++;
    present[place] = present[--people];
    forget(&members[fd].unread);
    forget(&members[fd].unsent);
    members[fd] = (struct member){0};
    close(fd);
}

static void tell(int fd, const char *data, size_t size) {
    struct member *member = &members[fd];
    if (!member->unsent.size) {
        ssize_t taken = send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken == (ssize_t)size)
            return;
        if (taken > 0)
            data += taken, size -= taken;
        watch(fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    }
    append(&member->unsent, data, size);
}

static void go_on(int fd) {
    struct bytes *unsent = &members[fd].unsent;
    ssize_t taken = send(fd, unsent->data, unsent->size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken > 0) {
        unsent->size -= taken;
        memmove(unsent->data, unsent->data + taken, unsent->size);
    }
    if (!unsent->size) {
        forget(unsent);
        watch(fd, EPOLL_CTL_MOD, EPOLLIN);
    }
}

static void hear(int fd) {
    static char chunk[CHUNK];
    struct member *member = &members[fd];
    ssize_t size = recv(fd, chunk, CHUNK, MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN)
        return;
    if (size <= 0) {
        leave(fd);
        return;
    }
    char *from = chunk, *to;
    while ((to = memchr(from, '\n', chunk + size - from))) {
        if (line_count == line_room) {
            line_room = 2 * line_room + 64;
            lines = realloc(lines, line_room * sizeof *lines);
        }
        struct line *line = &lines[line_count++];
        *line = (struct line){.start = turn.size, .author = fd};
        append(&turn, member->unread.data, member->unread.size);
        append(&turn, from, to + 1 - from);
        line->end = turn.size;
        member->unread.size = 0;
        member->spoke = 1;
        from = to + 1;
    }
    if (from < chunk + size)
        append(&member->unread, from, chunk + size - from);
}

static void tell_all(void) {
    static struct bytes own;
    for (int place = 0; place < people; place++) {
        int fd = present[place];
        if (!members[fd].spoke) {
            tell(fd, turn.data, turn.size);
            continue;
        }
        members[fd].spoke = 0;
        own.size = 0;
        for (size_t each = 0; each < line_count; each++)
            if (lines[each].author != fd)
                append(&own, turn.data + lines[each].start, lines[each].end - lines[each].start);
        if (own.size)
            tell(fd, own.data, own.size);
    }
    turn.size = line_count = 0;
}

static void let_in(int listener) {
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (fd >= MOST) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        members[fd] = (struct member){0};
        present[people++] = fd;
        watch(fd, EPOLL_CTL_ADD, EPOLLIN);
        tell(fd, "welcome\n", 8);
    }
}

int main(int count, char **arguments) {
    static struct epoll_event events[1024];
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    struct rlimit files;
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    address.sin_port = htons(count > 1 ? atoi(arguments[1]) : 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
        perror("broadcaster");
        return 1;
    }
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("open on TCP port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    epoll = epoll_create1(0);
    watch(listener, EPOLL_CTL_ADD, EPOLLIN);
    for (;;) {
        int ready = epoll_wait(epoll, events, 1024, -1);
        for (int each = 0; each < ready; each++) {
            int fd = events[each].data.fd;
            if (fd == listener)
                let_in(listener);
            else {
                if (events[each].events & EPOLLOUT)
                    go_on(fd);
                if (events[each].events & ~EPOLLOUT)
                    hear(fd);
            }
        }
        if (line_count)
            tell_all();
    }
}
