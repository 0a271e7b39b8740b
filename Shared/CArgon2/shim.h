#pragma once
#include <argon2.h>
// mallopt: where the memory of a hash goes when it is freed.
#include <malloc.h>
