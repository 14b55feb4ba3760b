// The start of a thread and the heap of all threads, whose types and functions differ between systems.

#define _GNU_SOURCE

#include "penstock_kernels.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

typedef struct {
    char name[16];
    void (*body)(void *);
    void *context;
} thread_start;

// Gives this thread the niceness of the process. It has that of the thread which started it, and threads of libdispatch
// have one of their own wherever the process may choose it, so that a process that was told to be nice would not be.
static void take_niceness(void) {
#if defined(__linux__)
    errno = 0;
    const int niceness = getpriority(PRIO_PROCESS, (id_t)getpid());
    if (errno == 0) setpriority(PRIO_PROCESS, 0, niceness);
#endif
}

static void *run(void *argument) {
    const thread_start start = *(thread_start *)argument;
    free(argument);
#if defined(__APPLE__)
    pthread_setname_np(start.name);
#else
    pthread_setname_np(pthread_self(), start.name);
#endif
    take_niceness();
    start.body(start.context);
    return NULL;
}

int penstock_start_thread(const char *name, size_t stack_size, void (*body)(void *), void *context) {
    thread_start *start = calloc(1, sizeof *start);
    if (start == NULL) return ENOMEM;
    strncpy(start->name, name, sizeof start->name - 1);
    start->body = body;
    start->context = context;
    pthread_attr_t attributes;
    int failure = pthread_attr_init(&attributes);
    if (failure == 0) {
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        failure = pthread_attr_setstacksize(&attributes, stack_size);
        pthread_t thread;
        if (failure == 0) failure = pthread_create(&thread, &attributes, run, start);
        pthread_attr_destroy(&attributes);
    }
    if (failure != 0) free(start);
    return failure;
}

void penstock_spare_addresses(void) {
#if defined(__GLIBC__)
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) mallopt(M_ARENA_MAX, 1);
#endif
}

void penstock_return_large_blocks(void) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

void penstock_yield(void) { sched_yield(); }
