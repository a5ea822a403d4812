#include "CLinux.h"

#include <stdlib.h>
#include <string.h>

enum {
    // Readers may load whole words past the last octet of a datagram.
    PADDING = 16,
    // What comes: the address that was asked (IPV6_PKTINFO, 40 octets); when replies are merged their size follows.
    CONTROL_SIZE = 64,
    CONTROL_STRIDE = CONTROL_SIZE + 32,
    SEND_WAIT_MILLISECONDS = 5,
    // A merged reply may not need fragments: this fits the smallest MTU of IPv6.
    LARGEST_SEGMENT = 1232,
    // UDP_MAX_SEGMENTS of the kernel, and what a datagram over IPv4 can carry.
    MOST_SEGMENTS = 64,
    LARGEST_MERGED = 65507,
};

struct clinux_headers {
    struct mmsghdr *in, *out;
    struct iovec *in_vectors, *out_vectors;
    uint8_t *control;
    // How many of `in` the kernel may have written to.
    uint32_t used;
    // The replies in the order in which they leave: client << 48 | (UINT32_MAX - size) << 16 | slot.
    uint64_t *order;
    // A table of clients by hash: 1 + the first slot with a reply to the client, 0 where free.
    uint16_t *clients;
    uint32_t clients_mask;
};

static size_t rounded(size_t size) { return (size + 63) & ~(size_t)63; }

// The next part of the memory, of which `used` octets are; where there is none yet, its room is only counted.
static void *part(uint8_t *memory, size_t *used, size_t count, size_t size) {
    void *start = memory == NULL ? NULL : memory + *used;
    *used += rounded(count * size);
    return start;
}

// Gives each part its place in the memory; says how much they take.
static size_t lay_out(struct clinux_datagrams **datagrams, const struct clinux_datagrams *sizes, uint8_t *memory) {
    size_t used = 0, slots = sizes->slots, clients = 2;
    while (clients < 2 * slots) clients *= 2;
    struct clinux_datagrams *d = part(memory, &used, 1, sizeof *d), layout = *sizes;
    struct clinux_headers *h = part(memory, &used, 1, sizeof *h);
    struct clinux_headers headers = {.used = sizes->slots, .clients_mask = (uint32_t)clients - 1};
    layout.headers = h;
    layout.received = part(memory, &used, slots, layout.receive_stride);
    layout.replies = part(memory, &used, slots, layout.reply_stride);
    layout.receive_counts = part(memory, &used, slots, sizeof *layout.receive_counts);
    layout.reply_counts = part(memory, &used, slots, sizeof *layout.reply_counts);
    layout.truncated = part(memory, &used, slots, sizeof *layout.truncated);
    layout.peers = part(memory, &used, slots, sizeof *layout.peers);
    headers.in = part(memory, &used, slots, sizeof *headers.in);
    headers.out = part(memory, &used, slots, sizeof *headers.out);
    headers.in_vectors = part(memory, &used, slots, sizeof *headers.in_vectors);
    headers.out_vectors = part(memory, &used, slots, sizeof *headers.out_vectors);
    headers.control = part(memory, &used, slots, CONTROL_STRIDE);
    headers.order = part(memory, &used, slots, sizeof *headers.order);
    headers.clients = part(memory, &used, clients, sizeof *headers.clients);
    if (memory != NULL) {
        *d = layout;
        *h = headers;
        *datagrams = d;
    }
    return used;
}

struct clinux_datagrams *clinux_datagrams_create(uint32_t slots, size_t receive_size, size_t reply_size) {
    struct clinux_datagrams *d, sizes = {
        .slots = slots, .receive_size = receive_size, .receive_stride = rounded(receive_size + PADDING),
        .reply_size = reply_size, .reply_stride = rounded(reply_size + PADDING),
    };
    uint8_t *memory = calloc(1, lay_out(NULL, &sizes, NULL));
    if (memory == NULL) return NULL;
    lay_out(&d, &sizes, memory);
    struct clinux_headers *h = d->headers;
    for (uint32_t i = 0; i < slots; i++) {
        h->in_vectors[i].iov_base = d->received + i * d->receive_stride;
        h->in_vectors[i].iov_len = receive_size;
        h->in[i].msg_hdr.msg_iov = &h->in_vectors[i];
        h->in[i].msg_hdr.msg_iovlen = 1;
        h->in[i].msg_hdr.msg_name = &d->peers[i];
        h->in[i].msg_hdr.msg_control = h->control + i * CONTROL_STRIDE;
    }
    return d;
}

int clinux_datagrams_receive(struct clinux_datagrams *d, int socket, int wait) {
    struct mmsghdr *in = d->headers->in;
    // The kernel overwrote these with what it used, in as many headers as it used.
    for (; d->headers->used > 0; d->headers->used--) {
        uint32_t i = d->headers->used - 1;
        in[i].msg_hdr.msg_namelen = sizeof d->peers[i];
        in[i].msg_hdr.msg_controllen = CONTROL_SIZE;
    }
    int count;
    do {
        count = recvmmsg(socket, in, d->slots, wait ? MSG_WAITFORONE : MSG_DONTWAIT, NULL);
    } while (count < 0 && errno == EINTR);
    // One more than came: an error may have come in the middle of it.
    d->headers->used = count < 0 ? 1 : (uint32_t)count < d->slots ? (uint32_t)count + 1 : d->slots;
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

// Whether the replies of two slots go the same way: to one client, from the address that it asked.
static int same_client(const struct msghdr *a, const struct msghdr *b) {
    return a->msg_namelen == b->msg_namelen && memcmp(a->msg_name, b->msg_name, a->msg_namelen) == 0
        && a->msg_controllen == b->msg_controllen && memcmp(a->msg_control, b->msg_control, a->msg_controllen) == 0;
}

// The first slot with a reply to the client of slot i.
static uint32_t first_slot_of_client(struct clinux_headers *h, const union clinux_address *peer, uint32_t i) {
    uint32_t low;
    if (peer->any.sa_family == AF_INET6) {
        memcpy(&low, (const uint8_t *)&peer->v6.sin6_addr + 12, sizeof low);
    } else {
        low = peer->v4.sin_addr.s_addr;
    }
    // The port is at the same place in both kinds of address.
    uint32_t place = ((low ^ (uint32_t)peer->v4.sin_port << 16 ^ peer->v4.sin_port) * 0x9e3779b1u) >> 16;
    for (;; place++) {
        uint16_t *entry = &h->clients[place & h->clients_mask];
        if (*entry == 0) {
            *entry = (uint16_t)(i + 1);
            return i;
        }
        if (same_client(&h->in[*entry - 1].msg_hdr, &h->in[i].msg_hdr)) return *entry - 1u;
    }
}

// Lists the slots with a reply. Where replies may merge, those to one client follow each other, the
// largest first, so that equal sizes meet. Returns how many there are.
static uint32_t arrange(struct clinux_datagrams *d, uint32_t count, int merge) {
    struct clinux_headers *h = d->headers;
    uint32_t replies = 0;
    int shared = 0;
    if (merge) memset(h->clients, 0, (h->clients_mask + 1) * sizeof *h->clients);
    for (uint32_t i = 0; i < count; i++) {
        if (d->reply_counts[i] == 0) continue;
        struct msghdr *in = &h->in[i].msg_hdr;
        if ((in->msg_flags & MSG_CTRUNC) != 0) in->msg_controllen = 0;
        if (in->msg_controllen != 0) reply_from_asked_address(in);
        uint32_t client = merge ? first_slot_of_client(h, &d->peers[i], i) : i;
        shared |= client != i;
        h->order[replies++] = (uint64_t)client << 48 | (uint64_t)(UINT32_MAX - d->reply_counts[i]) << 16 | i;
    }
    // By insertion: few move far, since a client's queries tend to come together.
    for (uint32_t i = 1; shared && i < replies; i++) {
        uint64_t moved = h->order[i];
        uint32_t to = i;
        for (; to > 0 && h->order[to - 1] > moved; to--) h->order[to] = h->order[to - 1];
        h->order[to] = moved;
    }
    return replies;
}

// How many replies from `first` on can leave as one: of one client and one size, save for the last,
// which may be smaller.
static uint32_t mergeable(const struct clinux_datagrams *d, uint32_t first, uint32_t replies) {
    const uint64_t *order = d->headers->order;
    uint32_t size = d->reply_counts[order[first] & 0xffff], total = size, next = first + 1;
    if (size > LARGEST_SEGMENT) return 1;
    while (next < replies && next - first < MOST_SEGMENTS && order[next] >> 48 == order[first] >> 48) {
        uint32_t more = d->reply_counts[order[next] & 0xffff];
        total += more;
        if (total > LARGEST_MERGED) break;
        next++;
        if (more < size) break;
    }
    return next - first;
}

static void set_segment_size(struct msghdr *header, uint16_t size) {
    struct cmsghdr *c = (struct cmsghdr *)((uint8_t *)header->msg_control + header->msg_controllen);
    c->cmsg_level = SOL_UDP;
    c->cmsg_type = UDP_SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof size);
    memcpy(CMSG_DATA(c), &size, sizeof size);
    header->msg_controllen += CMSG_SPACE(sizeof size);
}

// Makes the headers of the replies from `first` to the end of the order; returns how many.
static uint32_t gather(struct clinux_datagrams *d, uint32_t first, uint32_t replies, int merge) {
    struct clinux_headers *h = d->headers;
    uint32_t headers = 0;
    while (first < replies) {
        uint32_t slot = h->order[first] & 0xffff, count = merge ? mergeable(d, first, replies) : 1;
        struct msghdr *in = &h->in[slot].msg_hdr, *out = &h->out[headers++].msg_hdr;
        out->msg_name = in->msg_name;
        out->msg_namelen = in->msg_namelen;
        out->msg_control = in->msg_control;
        out->msg_controllen = in->msg_controllen;
        out->msg_iov = &h->out_vectors[first];
        out->msg_iovlen = count;
        if (count > 1) set_segment_size(out, (uint16_t)d->reply_counts[slot]);
        for (uint32_t end = first + count; first < end; first++) {
            slot = h->order[first] & 0xffff;
            h->out_vectors[first].iov_base = d->replies + slot * d->reply_stride;
            h->out_vectors[first].iov_len = d->reply_counts[slot];
        }
    }
    return headers;
}

int clinux_datagrams_send(struct clinux_datagrams *d, int socket, uint32_t count, int merge) {
    struct clinux_headers *h = d->headers;
    uint32_t replies = arrange(d, count < d->slots ? count : d->slots, merge);
    uint32_t headers = gather(d, 0, replies, merge), next = 0, sent = 0;
    int failures = 0;
    d->merged = d->refused = 0;
    while (next < headers) {
        int n = sendmmsg(socket, h->out + next, headers - next, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) {
            for (uint32_t end = next + (uint32_t)n; next < end; next++) {
                sent += (uint32_t)h->out[next].msg_hdr.msg_iovlen;
                d->merged |= h->out[next].msg_hdr.msg_iovlen > 1;
            }
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
        failures = 0;
        if (h->out[next].msg_hdr.msg_iovlen > 1) {
            // The kernel, the device or the path does not take merged replies: the rest goes one by one.
            d->refused = 1;
            headers = gather(d, (uint32_t)(h->out[next].msg_hdr.msg_iov - h->out_vectors), replies, 0);
            next = 0;
        } else {
            next++;
        }
    }
    return (int)sent;
}
