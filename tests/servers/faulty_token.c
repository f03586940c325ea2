/* A PKCS#11 library that is another one, except where it is told to fail.
 *
 * FAULTS holds one line "NAME CODE TIMES": so many calls of that function answer CODE instead of being passed on.
 * Code 1 of C_Sign is none: the signature is made, and one bit of it is turned. C_GetTokenInfo passes the call on and
 * adds CODE to the token's flags. C_Login without a PIN is a pad's, on which a person types PIN. CALLS gets a line for every call. Every argument is a word, and there are at most
 * five: PKCS#11 2.40, 5.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef unsigned long word;
typedef word (*call)(word, word, word, word, word);

struct list {
    unsigned char version[2];
    call of[68];
};

static struct list *real, ours;

static word fault(const char *name)
{
    char wanted[64];
    word code = 0;
    int times = 0, found = 0;
    FILE *calls = fopen(CALLS, "a"), *faults = fopen(FAULTS, "r");
    if (calls) {
        fprintf(calls, "%s\n", name);
        fclose(calls);
    }
    if (faults) {
        found = fscanf(faults, "%63s %lu %d", wanted, &code, &times) == 3 && !strcmp(wanted, name) && times > 0;
        fclose(faults);
    }
    if (!found)
        return 0;
    faults = fopen(FAULTS, "w");
    if (faults) {
        fprintf(faults, "%s %lu %d\n", wanted, code, times - 1);
        fclose(faults);
    }
    return code;
}

#define PASSED_ON(name, place)                                \
    static word name(word a, word b, word c, word d, word e)  \
    {                                                         \
        word code = fault(#name);                             \
        return code ? code : real->of[place](a, b, c, d, e);  \
    }

PASSED_ON(C_Initialize, 0)
PASSED_ON(C_GetSlotList, 4)
PASSED_ON(C_OpenSession, 12)
PASSED_ON(C_SignInit, 42)

static word C_GetTokenInfo(word slot, word info, word c, word d, word e)
{
    word answer = real->of[6](slot, info, c, d, e);
    word *flags = (word *)((char *)info + 96); /* behind label, manufacturer, model and serial number */
    *flags |= fault("C_GetTokenInfo");
    return answer;
}

static word C_Login(word session, word user, word pin, word length, word e)
{
    word code = fault("C_Login");
    if (!pin) { /* the pad's turn: a person types the PIN there */
        pin = (word)PIN;
        length = strlen(PIN);
    }
    return code ? code : real->of[18](session, user, pin, length, e);
}

static word C_Sign(word session, word data, word length, word signature, word size)
{
    word code = fault("C_Sign");
    word answer = code > 1 ? code : real->of[43](session, data, length, signature, size);
    if (code == 1 && answer == 0 && signature)
        ((unsigned char *)signature)[8] ^= 1;
    return answer;
}

word C_GetFunctionList(struct list **found)
{
    word (*others)(struct list **);
    void *library = dlopen(REAL, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return 5;
    *(void **)&others = dlsym(library, "C_GetFunctionList");
    if (!others || others(&real))
        return 5;
    ours = *real;
    ours.of[0] = C_Initialize;
    ours.of[4] = C_GetSlotList;
    ours.of[6] = C_GetTokenInfo;
    ours.of[12] = C_OpenSession;
    ours.of[18] = C_Login;
    ours.of[42] = C_SignInit;
    ours.of[43] = C_Sign;
    *found = &ours;
    return 0;
}
