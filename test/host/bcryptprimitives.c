/* SPDX-License-Identifier: Apache-2.0 */

/* Stand-in for a library of Windows that Wine 8 lacks: Go's runtime wants random bytes from it and nothing else. */

#include <windows.h>

#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) { return RtlGenRandom(data, (ULONG) length); }
