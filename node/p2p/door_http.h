/* HTTP at the door: reading requests and their bodies, and answering what needs no module. */
#ifndef HT_P2P_DOOR_HTTP_H
#define HT_P2P_DOOR_HTTP_H

#include "node/p2p/door_core.h"

enum ht_door_step {
    HT_DOOR_STEP_ASKED,   /* the module has it and must say what to do */
    HT_DOOR_STEP_READING, /* the body */
    HT_DOOR_STEP_WAITING, /* for the module's answer */
    HT_DOOR_STEP_HEAD,    /* the answer's headers are next */
    HT_DOOR_STEP_BODY,
    HT_DOOR_STEP_LINGER, /* answered; what is left of the body is read and thrown away */
};

struct ht_door_http {
    struct ht_door_conn *conn;
    enum ht_door_step step;
    struct ht_door_request request;
    char *text; /* that the request's views point into */
    struct ht_door_reader reader;
    bool has_reader;
    uint64_t body_left;
    unsigned turns;      /* in which more had come */
    int64_t deadline_ms; /* for the body; monotonic */

    unsigned status;
    char *head; /* header lines that the module gave, each "name:\0value\0"; ends with "\0" */
    char type[128];
    struct ht_buf body;
    bool has_file;
    int file;
    uint64_t at;    /* of the file or the body, next */
    uint64_t left;  /* to be sent */
    uint64_t whole; /* the file's size, for Content-Range */
};

/* Headers are complete, a piece of the body, its end. Return what the lws callback must. */
int ht_door_http_ask(struct ht_door_conn *conn, ht_bytes path);
int ht_door_http_piece(struct ht_door_conn *conn, ht_bytes piece);
int ht_door_http_whole(struct ht_door_conn *conn);

/* The connection's request is over, answered or not; nothing without one. */
void ht_door_http_drop(struct ht_door_conn *conn);

#endif
