#ifndef CEPOLL_H
#define CEPOLL_H

// The C library's Swift module leaves these out.
#include <sys/epoll.h>

#endif
