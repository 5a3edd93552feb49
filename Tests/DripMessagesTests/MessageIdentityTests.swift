import DripMessages
import Testing
