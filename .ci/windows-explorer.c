// Starts the program that its command line names, as Explorer does after a double click: built as explorer.exe.
#include <process.h>
#include <stddef.h>

int main(int count, char **words) {
    return count == 2 ? (int)_spawnl(_P_WAIT, words[1], words[1], NULL) : 2;
}
