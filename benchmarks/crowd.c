/* Many clients in one thread, so fast that they are not what is measured. Made for crowd.py, which
 * says what each function does. A message is recognised by a byte that is in it once, MARK. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MARK '^'
#define CHUNK 262144
#define KEPT 64 /* bytes of an earlier read in which an answer can begin */
#define EVENTS 1024
#define SPIN 0.0015 /* seconds before a message is due from which on nothing sleeps */

enum { DONE, TOO_SLOW, CLOSED, WRONG_COUNT, NO_CONNECTION };

struct bytes {
    const char *data;
    int size;
};

struct client {
    int fd, step, kept;
    long heard, due;
    char tail[KEPT];
};

struct crowd {
    int port, epoll, size, most;
    struct client *clients;
};

static char room[KEPT + CHUNK];
static struct epoll_event events[EVENTS];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

struct crowd *crowd_new(int port, int most) {
    struct crowd *crowd = calloc(1, sizeof *crowd);
    crowd->port = port;
    crowd->most = most;
    crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
    crowd->clients = calloc(most, sizeof *crowd->clients);
    return crowd;
}

void crowd_free(struct crowd *crowd) {
    for (int each = 0; each < crowd->size; each++)
        close(crowd->clients[each].fd);
    close(crowd->epoll);
    free(crowd->clients);
    free(crowd);
}

static int say(int fd, struct bytes text) {
    return send(fd, text.data, text.size, MSG_NOSIGNAL) == text.size;
}

static void await(struct crowd *crowd, struct client *client, int how, unsigned what) {
    struct epoll_event event = {.events = what, .data.u32 = client - crowd->clients};
    epoll_ctl(crowd->epoll, how, client->fd, &event);
}

/* A server with a short queue drops some: the kernel then asks again, the others go on. */
static int come(struct crowd *crowd) {
    struct client *client = &crowd->clients[crowd->size];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(crowd->port)};
    int on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *client = (struct client){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (client->fd < 0 || (connect(client->fd, (struct sockaddr *)&address, sizeof address) &&
                           errno != EINPROGRESS))
        return 0;
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    await(crowd, client, EPOLL_CTL_ADD, EPOLLOUT);
    crowd->size++;
    return 1;
}

/* What has arrived for a client is put at room + KEPT; 0 if the server has closed. */
static ssize_t take(struct client *client) {
    ssize_t size = recv(client->fd, room + KEPT, CHUNK, MSG_DONTWAIT);
    return size < 0 && errno == EAGAIN ? -1 : size < 0 ? 0 : size;
}

/* Whether an answer has come, be it in two pieces. */
static int answered(struct client *client, ssize_t size, struct bytes answer) {
    char *from = room + KEPT - client->kept;
    memcpy(from, client->tail, client->kept);
    if (memmem(from, size + client->kept, answer.data, answer.size)) {
        client->kept = 0;
        return 1;
    }
    ssize_t keep = size + client->kept < answer.size ? size + client->kept : answer.size - 1;
    memmove(client->tail, room + KEPT + size - keep, keep);
    client->kept = keep;
    return 0;
}

int crowd_gather(struct crowd *crowd, int until, int at_once, int steps, const struct bytes *says,
                 const struct bytes *answers, double seconds) {
    int coming = 0;
    double end = now() + seconds;
    while (crowd->size < until || coming) {
        for (; coming < at_once && crowd->size < until; coming++)
            if (!come(crowd))
                return NO_CONNECTION;
        int ready = epoll_wait(crowd->epoll, events, EVENTS, 50);
        for (int each = 0; each < ready; each++) {
            int index = events[each].data.u32;
            struct client *client = &crowd->clients[index];
            if (events[each].events & EPOLLOUT) {
                if (!say(client->fd, says[index * steps]))
                    return CLOSED;
                await(crowd, client, EPOLL_CTL_MOD, EPOLLIN);
                continue;
            }
            ssize_t size = take(client);
            if (!size)
                return CLOSED;
            if (size < 0 || client->step == steps)
                continue;
            if (answered(client, size, answers[index * steps + client->step])) {
                if (++client->step == steps)
                    coming--;
                else if (!say(client->fd, says[index * steps + client->step]))
                    return CLOSED;
            }
        }
        if (now() > end)
            return TOO_SLOW;
    }
    return DONE;
}

int crowd_drain(struct crowd *crowd, double silence) {
    double last = now();
    while (now() - last < silence) {
        int ready = epoll_wait(crowd->epoll, events, EVENTS, 20);
        for (int each = 0; each < ready; each++)
            if (!take(&crowd->clients[events[each].data.u32]))
                return CLOSED;
        if (ready)
            last = now();
    }
    return DONE;
}

static long marks(const char *data, ssize_t size) {
    long count = 0;
    for (ssize_t each = 0; each < size; each++)
        count += data[each] == MARK;
    return count;
}

struct witness {
    char *data;
    int size, room;
};

/* Message i goes out by client receivers + i % senders: when less than `window` are on their way
 * or, if there is a rate, when it is due. `said` and `done` get the times, `done` in the order of
 * arrival; `witness` what the first receiver reads. */
int crowd_run(struct crowd *crowd, int receivers, int messages,
              const struct bytes *texts, int window, double rate, double *said, double *done,
              struct witness *witness, double seconds) {
    int senders = crowd->size - receivers, sent = 0, low = 0, status = DONE;
    int *reached = calloc(messages + 2, sizeof *reached); /* how many receivers have so many */
    long missing = 0;
    double start = now(), end = start + seconds;
    reached[0] = receivers;
    for (int each = 0; each < crowd->size; each++) {
        long own = each < receivers ? 0 : (messages + senders - 1 - (each - receivers)) / senders;
        crowd->clients[each].heard = 0;
        crowd->clients[each].due = messages - own;
        missing += crowd->clients[each].due;
    }
    while (missing && status == DONE) {
        double time = now();
        int patience = 1000;
        while (sent < messages &&
               (rate > 0 ? start + sent / rate <= time : sent - low < window)) {
            said[sent] = rate > 0 ? start + sent / rate : now();
            if (!say(crowd->clients[receivers + sent % senders].fd, texts[sent]))
                status = CLOSED;
            sent++;
        }
        if (rate > 0 && sent < messages) {
            double left = start + sent / rate - now() - SPIN;
            patience = left > 0 ? left * 1e3 : 0;
        }
        int ready = epoll_wait(crowd->epoll, events, EVENTS, patience);
        for (int each = 0; each < ready; each++) {
            int index = events[each].data.u32;
            struct client *client = &crowd->clients[index];
            ssize_t size = take(client);
            if (size <= 0) {
                status = size ? status : CLOSED;
                continue;
            }
            long before = client->heard, count = marks(room + KEPT, size);
            client->heard += count;
            missing -= count;
            if (client->heard > client->due) {
                status = WRONG_COUNT;
                break;
            }
            if (index < receivers) {
                reached[before]--;
                reached[client->heard]++;
            }
            if (!index && witness->size + size <= witness->room) {
                memcpy(witness->data + witness->size, room + KEPT, size);
                witness->size += size;
            }
        }
        for (time = now(); low < messages && !reached[low]; low++)
            done[low] = time;
        if (time > end && status == DONE)
            status = TOO_SLOW;
    }
    free(reached);
    return status;
}
