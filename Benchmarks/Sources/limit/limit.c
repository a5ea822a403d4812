// limit: answers every datagram on 127.0.0.1 without looking at it. What remains is the kernel's part of a UDP query:
// no server that receives and sends by the same system calls can be faster.
//
//     limit PORT [-n workers] [-z octets of a reply]
//
// Each worker has a socket of its own; it receives up to 32 datagrams at once, makes each a response (QR) of the size
// that real answers have on average, sends them at once, and waits when there are none.
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { batch_size = 32, room = 4096, workers_limit = 64, receive_buffer = 1 << 20 };

static int port, size = 100;

struct worker {
    struct mmsghdr messages[batch_size];
    struct iovec vectors[batch_size];
    struct sockaddr_in clients[batch_size];
    unsigned char octets[batch_size][room];
};

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int listening(void) {
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0), on = 1, buffer = receive_buffer;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (descriptor < 0) fail("socket");
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address)) fail("bind");
    return descriptor;
}

static void prepare(struct worker *worker, int count) {
    for (int i = 0; i < count; i++) {
        worker->vectors[i] = (struct iovec){worker->octets[i], room};
        worker->messages[i].msg_hdr = (struct msghdr){
            .msg_name = &worker->clients[i], .msg_namelen = sizeof worker->clients[i],
            .msg_iov = &worker->vectors[i], .msg_iovlen = 1};
    }
}

static void *serve(void *unused) {
    int descriptor = listening();
    struct pollfd polled = {descriptor, POLLIN, 0};
    struct worker *worker = calloc(1, sizeof *worker);
    if (!worker) fail("calloc");
    prepare(worker, batch_size);
    for (;;) {
        int count = recvmmsg(descriptor, worker->messages, batch_size, MSG_DONTWAIT, NULL);
        if (count <= 0) {
            if (count < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED) fail("recvmmsg");
            poll(&polled, 1, -1);
            continue;
        }
        for (int i = 0; i < count; i++) {
            worker->octets[i][2] |= 0x84;
            worker->vectors[i].iov_len = size;
        }
        for (int done = 0; done < count;) {
            int sent = sendmmsg(descriptor, worker->messages + done, count - done, 0);
            // One that cannot be sent is left out.
            done += sent > 0 ? sent : errno != EAGAIN && errno != EINTR;
        }
        prepare(worker, count);
        if (count < batch_size) poll(&polled, 1, -1);
    }
    return unused;
}

int main(int count, char **words) {
    int option, workers = 1;
    while ((option = getopt(count, words, "n:z:")) != -1) {
        if (option == 'n') workers = atoi(optarg);
        else if (option == 'z') size = atoi(optarg);
        else return 2;
    }
    if (count - optind != 1 || size < 12 || size > room || workers < 1 || workers > workers_limit) {
        fprintf(stderr, "usage: limit PORT [-n workers] [-z octets of a reply]\n");
        return 2;
    }
    port = atoi(words[optind]);
    for (int i = 1; i < workers; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, NULL)) fail("pthread_create");
    }
    serve(NULL);
}
