#pragma once
// OpenSSL 3 marks the hash contexts that live on the caller's stack as deprecated; as an interface of 1.1.0 they are not.
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/sha.h>
