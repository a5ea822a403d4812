#include "CLinux.h"

#include <stdlib.h>
#include <string.h>

// Readers may load whole words past the last octet of a datagram.
enum { PADDING = 16, CONTROL_SIZE = 64, SEND_WAIT_MILLISECONDS = 5 };

struct clinux_headers {
    struct mmsghdr *in, *out;
    struct iovec *in_vectors, *out_vectors;
    uint8_t *control;
};

static size_t rounded(size_t size) { return (size + 63) & ~(size_t)63; }

void clinux_datagrams_destroy(struct clinux_datagrams *d) {
    if (d == NULL) return;
    if (d->headers != NULL) {
        free(d->headers->in);
        free(d->headers->out);
        free(d->headers->in_vectors);
        free(d->headers->out_vectors);
        free(d->headers->control);
        free(d->headers);
    }
    free(d->received);
    free(d->replies);
    free(d->receive_counts);
    free(d->reply_counts);
    free(d->truncated);
    free(d->peers);
    free(d);
}

static int allocated(const struct clinux_datagrams *d) {
    const struct clinux_headers *h = d->headers;
    return d->received && d->replies && d->receive_counts && d->reply_counts && d->truncated && d->peers && h && h->in
        && h->out && h->in_vectors && h->out_vectors && h->control;
}

struct clinux_datagrams *clinux_datagrams_create(uint32_t slots, size_t receive_size, size_t reply_size) {
    struct clinux_datagrams *d = calloc(1, sizeof *d);
    if (d == NULL) return NULL;
    d->slots = slots;
    d->receive_size = receive_size;
    d->receive_stride = rounded(receive_size + PADDING);
    d->reply_size = reply_size;
    d->reply_stride = rounded(reply_size + PADDING);
    d->received = calloc(slots, d->receive_stride);
    d->replies = calloc(slots, d->reply_stride);
    d->receive_counts = calloc(slots, sizeof *d->receive_counts);
    d->reply_counts = calloc(slots, sizeof *d->reply_counts);
    d->truncated = calloc(slots, 1);
    d->peers = calloc(slots, sizeof *d->peers);
    struct clinux_headers *h = d->headers = calloc(1, sizeof *h);
    if (h != NULL) {
        h->in = calloc(slots, sizeof *h->in);
        h->out = calloc(slots, sizeof *h->out);
        h->in_vectors = calloc(slots, sizeof *h->in_vectors);
        h->out_vectors = calloc(slots, sizeof *h->out_vectors);
        h->control = calloc(slots, CONTROL_SIZE);
    }
    if (!allocated(d)) {
        clinux_datagrams_destroy(d);
        return NULL;
    }
    for (uint32_t i = 0; i < slots; i++) {
        h->in_vectors[i].iov_base = d->received + i * d->receive_stride;
        h->in_vectors[i].iov_len = receive_size;
        h->in[i].msg_hdr.msg_iov = &h->in_vectors[i];
        h->in[i].msg_hdr.msg_iovlen = 1;
        h->in[i].msg_hdr.msg_name = &d->peers[i];
        h->in[i].msg_hdr.msg_control = h->control + i * CONTROL_SIZE;
        h->out[i].msg_hdr.msg_iov = &h->out_vectors[i];
        h->out[i].msg_hdr.msg_iovlen = 1;
    }
    return d;
}

int clinux_datagrams_receive(struct clinux_datagrams *d, int socket) {
    struct mmsghdr *in = d->headers->in;
    // The kernel overwrites these with what it used.
    for (uint32_t i = 0; i < d->slots; i++) {
        in[i].msg_hdr.msg_namelen = sizeof d->peers[i];
        in[i].msg_hdr.msg_controllen = CONTROL_SIZE;
    }
    int count = recvmmsg(socket, in, d->slots, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        d->receive_counts[i] = in[i].msg_len <= d->receive_size ? in[i].msg_len : (uint32_t)d->receive_size;
        d->truncated[i] = (in[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
        d->reply_counts[i] = 0;
    }
    return count;
}

// A reply leaves from the address that was asked. The interface is left to the routing table,
// save for link-local addresses, which mean nothing without it.
static void reply_from_asked_address(struct msghdr *header) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            info.ipi_ifindex = 0;
            memcpy(CMSG_DATA(c), &info, sizeof info);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
            memcpy(CMSG_DATA(c), &info, sizeof info);
        }
    }
}

// Replies to one peer can be merged here (UDP_SEGMENT): one header whose vectors are the replies
// of equal size to the same peer, and a control message with that size.
static uint32_t gather(struct clinux_datagrams *d, uint32_t count) {
    struct clinux_headers *h = d->headers;
    uint32_t replies = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (d->reply_counts[i] == 0) continue;
        struct msghdr *in = &h->in[i].msg_hdr, *out = &h->out[replies].msg_hdr;
        h->out_vectors[replies].iov_base = d->replies + i * d->reply_stride;
        h->out_vectors[replies].iov_len = d->reply_counts[i];
        out->msg_name = in->msg_name;
        out->msg_namelen = in->msg_namelen;
        out->msg_control = NULL;
        out->msg_controllen = 0;
        if (in->msg_controllen != 0 && (in->msg_flags & MSG_CTRUNC) == 0) {
            reply_from_asked_address(in);
            out->msg_control = in->msg_control;
            out->msg_controllen = in->msg_controllen;
        }
        replies++;
    }
    return replies;
}

int clinux_datagrams_send(struct clinux_datagrams *d, int socket, uint32_t count) {
    uint32_t replies = gather(d, count < d->slots ? count : d->slots);
    uint32_t next = 0, sent = 0;
    int failures = 0;
    while (next < replies) {
        int n = sendmmsg(socket, d->headers->out + next, replies - next, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) {
            next += (uint32_t)n;
            sent += (uint32_t)n;
            failures = 0;
            continue;
        }
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
            // The send buffer is full: wait a moment, then give the rest of this batch up.
            struct pollfd writable = {.fd = socket, .events = POLLOUT};
            if (failures++ < 2 && poll(&writable, 1, SEND_WAIT_MILLISECONDS) > 0) continue;
            break;
        }
        if (errno == EBADF || errno == ENOTSOCK) break;
        // What came back may be an older ICMP error of this socket: once more, then pass over the one.
        if (failures++ == 0) continue;
        next++;
        failures = 0;
    }
    return (int)sent;
}
