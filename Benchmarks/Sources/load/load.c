// load: asks a server on 127.0.0.1 over UDP, as fast as it answers or at a rate, and prints as JSON what came of it.
//
//     load PORT QUESTIONS [-l seconds] [-c processors, as in 1,2,3] [-r queries a second] [-d]
//
// There is a thread for each processor, pinned to it, which never sleeps; each has several sockets, since a server
// spreads its clients over its workers by their ports. A socket has a window: so many queries may wait for an answer.
// Without a rate a query is sent for each answer that comes. With one, queries are sent when they are due.
// QUESTIONS has a line for each: a name, and the number of its type. -d asks for signatures.
//
// No address can be given: this is no tool to send queries to others.
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    batch_size = 32,        // datagrams a system call
    sockets = 8,            // of a thread
    closed_window = 10,     // of a socket: with three threads, what fits the default receive buffer
    open_window = 1024,     // a power of two: the number of a query's slot is in its identifier
    query_room = 320,       // header, the longest question, OPT
    reply_room = 4096,
    threads_limit = 64,
    buckets = 64 * 16,      // of latencies: sixteen for each doubling
};
static const uint64_t second = 1000000000, answer_limit = 200000000, scan_period = 10000000;

// MARK: Questions

struct question {
    uint32_t start;
    uint16_t count;
};

static struct question *questions;
static size_t question_count;
static uint8_t *octets;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void *grow(void *memory, size_t size) {
    if (!(memory = realloc(memory, size))) fail("realloc");
    return memory;
}

// Writes the query and returns its octets.
static unsigned encode(uint8_t *query, const char *name, unsigned type, bool dnssec) {
    memset(query, 0, query_room);
    query[5] = query[11] = 1;
    unsigned at = 12;
    while (*name && at < 12 + 255 - 64) {
        unsigned count = strcspn(name, ".");
        if (count > 63) break;
        if (count) {
            query[at++] = count;
            memcpy(query + at, name, count);
            at += count;
        }
        name += count + (name[count] == '.');
    }
    const uint8_t end[] = {0, type >> 8, type, 0, 1, 0, 0, 41, 1232 >> 8, 1232 & 255, 0, 0, dnssec ? 0x80 : 0, 0, 0, 0};
    memcpy(query + at, end, sizeof end);
    return at + sizeof end;
}

static void read_questions(const char *path, bool dnssec) {
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    size_t room = 0, used = 0, octets_room = 0;
    char line[600], name[512];
    unsigned type;
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "%511s %u", name, &type) != 2) continue;
        if (question_count == room) questions = grow(questions, (room = room * 2 + 1024) * sizeof *questions);
        if (used + query_room > octets_room) octets = grow(octets, octets_room = octets_room * 2 + 65536);
        unsigned count = encode(octets + used, name, type, dnssec);
        questions[question_count++] = (struct question){used, count};
        used += count;
    }
    fclose(file);
    if (!question_count) {
        fprintf(stderr, "%s has no questions\n", path);
        exit(1);
    }
}

// MARK: What is counted

struct counts {
    uint64_t sent, answered, in_time, lost, strange, octets, late, passes, idle_passes;
    uint64_t codes[16], latencies[buckets];
};

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * second + time.tv_nsec;
}

static unsigned bucket(uint64_t nanoseconds) {
    if (nanoseconds < 16) return nanoseconds;
    unsigned power = 63 - __builtin_clzll(nanoseconds);
    return (power - 3) * 16 + (nanoseconds >> (power - 4) & 15);
}

static double latency(unsigned bucket) {
    return bucket < 16 ? bucket : (double)((uint64_t)(16 + bucket % 16) << (bucket / 16 - 1));
}

static double percentile(const struct counts *all, double share) {
    uint64_t wanted = all->answered * share, seen = 0;
    for (unsigned i = 0; i < buckets; i++) {
        seen += all->latencies[i];
        if (seen && seen >= wanted) return latency(i) / 1000;
    }
    return 0;
}

// MARK: A thread

struct slot {
    uint64_t sent;
    uint16_t identifier;
    bool waits;
};

struct client {
    int descriptor;
    unsigned free_count;
    uint16_t free[open_window];
    struct slot slots[open_window];
};

struct thread {
    pthread_t thread;
    int processor, number;
    struct counts counts;
    struct client clients[sockets];
    uint64_t last_answer, longest_gap;
    size_t next_question;
    struct mmsghdr outgoing[batch_size], incoming[batch_size];
    struct iovec out[batch_size], in[batch_size];
    uint8_t queries[batch_size][query_room], replies[batch_size][reply_room];
};

static int port;
static double seconds = 1, rate;
static unsigned thread_count, window = closed_window;
static pthread_barrier_t start;

static void connect_clients(struct thread *t) {
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int size = 4 << 20;
    for (int i = 0; i < sockets; i++) {
        struct client *client = &t->clients[i];
        client->descriptor = socket(AF_INET, SOCK_DGRAM, 0);
        if (connect(client->descriptor, (struct sockaddr *)&server, sizeof server)) fail("connect");
        setsockopt(client->descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        for (client->free_count = 0; client->free_count < window; client->free_count++)
            client->free[client->free_count] = client->free_count;
    }
    for (int i = 0; i < batch_size; i++) {
        t->out[i].iov_base = t->queries[i];
        t->in[i] = (struct iovec){t->replies[i], reply_room};
        t->outgoing[i].msg_hdr = (struct msghdr){.msg_iov = &t->out[i], .msg_iovlen = 1};
        t->incoming[i].msg_hdr = (struct msghdr){.msg_iov = &t->in[i], .msg_iovlen = 1};
    }
}

static void release(struct client *client, struct slot *slot) {
    slot->waits = false;
    client->free[client->free_count++] = slot - client->slots;
}

static unsigned receive(struct thread *t, struct client *client, uint64_t deadline) {
    if (client->free_count == window) return 0;
    int count = recvmmsg(client->descriptor, t->incoming, batch_size, MSG_DONTWAIT, NULL);
    if (count <= 0) return 0;
    uint64_t time = now();
    struct counts *counts = &t->counts;
    for (int i = 0; i < count; i++) {
        const uint8_t *reply = t->replies[i];
        uint16_t identifier = reply[0] << 8 | reply[1];
        struct slot *slot = &client->slots[identifier % open_window];
        if (t->incoming[i].msg_len < 12 || !(reply[2] & 0x80) || !slot->waits || slot->identifier != identifier) {
            counts->strange++;
            continue;
        }
        release(client, slot);
        counts->answered++;
        counts->in_time += time < deadline;
        counts->octets += t->incoming[i].msg_len;
        counts->codes[reply[3] & 15]++;
        counts->latencies[bucket(time - slot->sent)]++;
    }
    if (time - t->last_answer > t->longest_gap) t->longest_gap = time - t->last_answer;
    t->last_answer = time;
    return count;
}

static void send_queries(struct thread *t, struct client *client, unsigned wanted) {
    unsigned count = wanted < batch_size ? wanted : batch_size, done = 0;
    if (count > client->free_count) count = client->free_count;
    uint64_t time = now();
    for (unsigned i = 0; i < count; i++) {
        struct slot *slot = &client->slots[client->free[--client->free_count]];
        // The upper bits count how often the slot was used, so that a late answer is not taken for the next one's.
        slot->identifier = (slot->identifier & ~(open_window - 1)) + open_window + (slot - client->slots);
        slot->sent = time;
        slot->waits = true;
        struct question question = questions[t->next_question];
        if (++t->next_question == question_count) t->next_question = 0;
        memcpy(t->queries[i], octets + question.start, question.count);
        t->queries[i][0] = slot->identifier >> 8;
        t->queries[i][1] = slot->identifier;
        t->out[i].iov_len = question.count;
    }
    while (done < count) {
        int sent = sendmmsg(client->descriptor, t->outgoing + done, count - done, 0);
        if (sent > 0) done += sent;
        // Refused: nobody listens, or nobody did when an earlier one came.
        else if (errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED && errno != ENOBUFS) fail("sendmmsg");
    }
    t->counts.sent += count;
}

// Gives up what has waited too long.
static void give_up(struct thread *t, uint64_t before) {
    for (int i = 0; i < sockets; i++)
        for (unsigned j = 0; j < window; j++) {
            struct slot *slot = &t->clients[i].slots[j];
            if (!slot->waits || slot->sent > before) continue;
            release(&t->clients[i], slot);
            t->counts.lost++;
        }
}

// Sends what is due by now, spread over the sockets; what no slot is free for is sent later.
static void send_due(struct thread *t, uint64_t elapsed) {
    uint64_t due = elapsed * (rate / thread_count / second);
    for (int tries = 0; t->counts.sent < due && tries < sockets; tries++) {
        struct client *client = &t->clients[t->number++ % sockets];
        uint64_t wanted = due - t->counts.sent;
        send_queries(t, client, wanted < batch_size ? wanted : batch_size);
    }
    t->counts.late = due > t->counts.sent ? due - t->counts.sent : 0;
}

static void *run(void *argument) {
    struct thread *t = argument;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(t->processor, &set);
    if (sched_setaffinity(0, sizeof set, &set)) fail("sched_setaffinity");
    connect_clients(t);
    t->next_question = question_count / thread_count * t->number;
    pthread_barrier_wait(&start);
    uint64_t begin = now(), deadline = begin + seconds * second, scan = begin, time;
    t->last_answer = begin;
    while ((time = now()) < deadline) {
        unsigned received = 0;
        for (int i = 0; i < sockets; i++) received += receive(t, &t->clients[i], deadline);
        t->counts.passes++;
        t->counts.idle_passes += !received;
        if (rate > 0) send_due(t, time - begin);
        // Half a window at once, so that a system call carries several; less only where there is nothing else to do.
        else for (int i = 0; i < sockets; i++)
            if (t->clients[i].free_count >= (received ? window / 2 : 1)) send_queries(t, &t->clients[i], window);
        if (time - scan > scan_period) give_up(t, (scan = time) - answer_limit);
    }
    unsigned missing = 1;
    for (uint64_t end = time + answer_limit; missing && time < end; time = now())
        for (int i = missing = 0; i < sockets; missing += window - t->clients[i++].free_count)
            receive(t, &t->clients[i], deadline);
    give_up(t, time);
    return NULL;
}

// MARK: All

static void print(const struct counts *all, uint64_t longest_gap) {
    double answers = all->answered + !all->answered;
    printf("{\"per_second\": %.0f, \"seconds\": %g, \"sent\": %lu, \"answered\": %lu, \"lost\": %lu, \"strange\": %lu, "
           "\"late\": %lu, \"octets\": %.1f, \"noerror\": %.4f, \"nxdomain\": %.4f, \"other\": %.4f, ",
           all->in_time / seconds, seconds, all->sent, all->answered, all->lost, all->strange, all->late,
           all->octets / answers, all->codes[0] / answers, all->codes[3] / answers,
           (all->answered - all->codes[0] - all->codes[3]) / answers);
    printf("\"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"max_us\": %.1f, \"longest_gap_us\": %.1f, "
           "\"idle\": %.3f}\n",
           percentile(all, .5), percentile(all, .99), percentile(all, .999), percentile(all, 1),
           longest_gap / 1000., (double)all->idle_passes / (all->passes + !all->passes));
}

static unsigned read_processors(char *list, int *processors) {
    unsigned count = 0;
    for (char *word = strtok(list, ","); word && count < threads_limit; word = strtok(NULL, ","))
        processors[count++] = atoi(word);
    return count;
}

int main(int count, char **words) {
    int processors[threads_limit] = {0}, option;
    bool dnssec = false;
    thread_count = 1;
    while ((option = getopt(count, words, "l:c:r:d")) != -1) {
        if (option == 'l') seconds = atof(optarg);
        else if (option == 'c') thread_count = read_processors(optarg, processors);
        else if (option == 'r') rate = atof(optarg);
        else if (option == 'd') dnssec = true;
        else return 2;
    }
    if (count - optind != 2 || !thread_count || seconds <= 0 || seconds > 600) {
        fprintf(stderr, "usage: load PORT QUESTIONS [-l seconds] [-c processors] [-r queries a second] [-d]\n");
        return 2;
    }
    port = atoi(words[optind]);
    read_questions(words[optind + 1], dnssec);
    if (rate > 0) window = open_window;
    pthread_barrier_init(&start, NULL, thread_count);
    struct thread *threads = calloc(thread_count, sizeof *threads);
    if (!threads) fail("calloc");
    for (unsigned i = 0; i < thread_count; i++) {
        threads[i].processor = processors[i];
        threads[i].number = i;
        if (pthread_create(&threads[i].thread, NULL, run, &threads[i])) fail("pthread_create");
    }
    uint64_t gap = 0;
    struct counts all = {0};
    for (unsigned i = 0; i < thread_count; i++) {
        pthread_join(threads[i].thread, NULL);
        if (threads[i].longest_gap > gap) gap = threads[i].longest_gap;
        // All members are sums.
        for (size_t k = 0; k < sizeof all / sizeof(uint64_t); k++)
            ((uint64_t *)&all)[k] += ((const uint64_t *)&threads[i].counts)[k];
    }
    print(&all, gap);
    return 0;
}
