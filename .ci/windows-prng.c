// bcryptprimitives.dll as far as Rust needs it: Windows 10 has it, Wine before 9 does not.
#include <windows.h>

// RtlGenRandom, under the name by which advapi32 exports it.
BOOLEAN NTAPI SystemFunction036(PVOID into, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE into, SIZE_T length) {
    const SIZE_T most = 1u << 24;
    for (SIZE_T done = 0; done < length;) {
        ULONG piece = (ULONG)(length - done < most ? length - done : most);
        if (!SystemFunction036(into + done, piece))
            return FALSE;
        done += piece;
    }
    return TRUE;
}
