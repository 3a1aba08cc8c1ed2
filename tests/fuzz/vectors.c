/* SPDX-License-Identifier: Apache-2.0
 *
 * vectors: runs a fuzz target over every file of the directories given, without the fuzzing engine,
 * so that each corpus and each past crash is a test of every build. */
#include <assert.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    assert(f != NULL && fseek(f, 0, SEEK_END) == 0);
    size_t size = (size_t)ftell(f);
    uint8_t *data = malloc(size + 1);
    rewind(f);
    assert(data != NULL && fread(data, 1, size, f) == size);
    fclose(f);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

static size_t replay_directory(const char *path)
{
    DIR *dir = opendir(path);
    size_t count = 0;

    if (dir == NULL) {
        fprintf(stderr, "replay: no directory %s\n", path);
        exit(1);
    }
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char file[4096];
        if (e->d_type != DT_REG) {
            continue;
        }
        snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
        replay_file(file);
        count++;
    }
    closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    size_t count = 0;

    for (int i = 1; i < argc; i++) {
        count += replay_directory(argv[i]);
    }
    printf("replayed %zu inputs\n", count);
    return count > 0 ? 0 : 1;
}
