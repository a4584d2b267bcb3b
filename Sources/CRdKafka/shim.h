// Kafka's client library, as Debian's librdkafka-dev has it; nothing else belongs here.
#ifndef CRDKAFKA_SHIM_H
#define CRDKAFKA_SHIM_H

#include <librdkafka/rdkafka.h>

#endif
