/* Says what has just happened, and ends. No C library: two calls of the kernel are all that it needs. */

#if defined(__x86_64__)
enum { WRITE = 1, EXIT = 60 };
#elif defined(__aarch64__)
enum { WRITE = 64, EXIT = 93 };
#else
#error "hello-world knows x86-64 and ARM64 only"
#endif

static const char text[] =
    "\n"
    "Hallo vom Lernhafen!\n"
    "Wenn du das hier liest, kannst du Container starten.\n"
    "\n"
    "Das ist gerade geschehen:\n"
    " 1. Du hast »docker« aufgerufen. Das Programm ist nur der Bote: Es hat deinen Wunsch\n"
    "    der Engine übergeben.\n"
    " 2. Die Engine hat das Image »hello-world« genommen. Hätte sie es nicht schon gehabt,\n"
    "    hätte sie es vorher aus einer Registry geholt.\n"
    " 3. Aus dem Image hat sie einen neuen Container gemacht und darin das Programm\n"
    "    gestartet, das diese Zeilen schreibt. Es ist das einzige im ganzen Image.\n"
    " 4. Die Ausgabe ging von der Engine an »docker« und von dort in dein Terminal.\n"
    "    Damit war das Programm fertig, und mit ihm ist der Container zu Ende.\n"
    "\n"
    "Lust auf mehr? So bekommst du ein ganzes Debian:\n"
    " $ docker run -it debian bash\n"
    "\n"
    "Und so siehst du den Container von eben noch einmal:\n"
    " $ docker ps --all\n"
    "\n";

static long call(long number, long first, const void *second, unsigned long third)
{
#if defined(__x86_64__)
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(first), "S"(second), "d"(third)
                     : "rcx", "r11", "memory");
    return result;
#else
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = first;
    register const void *x1 __asm__("x1") = second;
    register unsigned long x2 __asm__("x2") = third;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    return x0;
#endif
}

__attribute__((noreturn)) void _start(void)
{
    const char *rest = text;
    unsigned long length = sizeof text - 1;
    int code = 0;
    /* A pipe may take less at once than it is given. */
    while (length > 0) {
        long written = call(WRITE, 1, rest, length);
        if (written == -4) /* EINTR */
            continue;
        if (written <= 0) {
            code = 1;
            break;
        }
        rest += written;
        length -= (unsigned long)written;
    }
    for (;;)
        call(EXIT, code, 0, 0);
}
