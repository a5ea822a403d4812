#if __has_include(<ldns/ldns.h>)
// Else ldns makes its own bool, of signed char.
#include <stdbool.h>
#include <ldns/ldns.h>
#else
#error "the cross tests need the headers of libldns; type: apt-get install libldns-dev"
#endif
