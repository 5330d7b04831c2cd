"""Who prints in a history? Somebody who writes down what the paper says, in no time."""

from chalicelib.adapters.pdf.papers import PdfPapers
from chalicelib.ports.papers import PrintedPaper


class PlainPapers(PdfPapers):
    """The same paper gives the same bytes here too, and another one others."""

    def pdf(self, paper: PrintedPaper) -> bytes:
        return repr(paper).encode()
