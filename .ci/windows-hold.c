// Keeps a file open as Excel does, so that others may read and not replace it, until a line comes on standard input.
#include <stdio.h>
#include <windows.h>

int main(int count, char **words) {
    const DWORD rights = GENERIC_READ | GENERIC_WRITE;
    HANDLE file = CreateFileA(count == 2 ? words[1] : "", rights, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return 1;
    puts("held");
    fflush(stdout);
    getchar();
    return !CloseHandle(file);
}
