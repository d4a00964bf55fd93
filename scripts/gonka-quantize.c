// gonka-quantize SOURCE TARGET TYPE [THREADS]: writes a copy of a GGUF model in another weight type, by llama.cpp's own
// quantiser. `make setup` widens the shipped model to f16 with it; tests and `gonka verify`'s acceptance make the
// cheaper copies that must fail. The bytes written do not depend on the number of threads.
#include <llama.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum llama_ftype type;
} types[] = {
    {"f16", LLAMA_FTYPE_MOSTLY_F16},   {"bf16", LLAMA_FTYPE_MOSTLY_BF16}, {"q8_0", LLAMA_FTYPE_MOSTLY_Q8_0},
    {"q4_1", LLAMA_FTYPE_MOSTLY_Q4_1}, {"q4_0", LLAMA_FTYPE_MOSTLY_Q4_0},
};

// Errors only: the quantiser prints a line per tensor otherwise.
static void log_errors(enum ggml_log_level level, const char *text, void *unused) {
    (void)unused;
    if (level == GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

int main(int count, char **arguments) {
    if (count < 4 || count > 5) {
        fprintf(stderr, "usage: gonka-quantize SOURCE TARGET f16|bf16|q8_0|q4_1|q4_0 [THREADS]\n");
        return 2;
    }
    for (size_t index = 0; index < sizeof types / sizeof *types; index++) {
        if (strcmp(arguments[3], types[index].name) != 0) continue;
        llama_log_set(log_errors, NULL);
        llama_backend_init();
        struct llama_model_quantize_params parameters = llama_model_quantize_default_params();
        parameters.ftype = types[index].type;
        // The source is itself quantised; its weights are what this network's model is defined by.
        parameters.allow_requantize = true;
        if (count == 5) parameters.nthread = atoi(arguments[4]);
        if (llama_model_quantize(arguments[1], arguments[2], &parameters) == 0) return 0;
        fprintf(stderr, "gonka-quantize: cannot write %s from %s\n", arguments[2], arguments[1]);
        return 1;
    }
    fprintf(stderr, "gonka-quantize: unknown type %s\n", arguments[3]);
    return 2;
}
