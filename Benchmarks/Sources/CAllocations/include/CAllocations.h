#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

/// How many allocations the process has made so far.
unsigned long allocations(void);

#endif
